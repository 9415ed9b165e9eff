from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from guard_helpers import (
    RATE,
    VOICE,
    converter,
    estimator,
    halves,
    refusal,
    separator,
    sound,
    spoilt,
    track,
)

from autovoice_core import (
    Audio,
    InputError,
    PitchTrack,
)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_not_finite_are_the_callers_fault(value: float) -> None:
    text = "{}: it holds NaN or infinite samples; replace them first"
    bad, conversion = spoilt(sound(), value), converter(None).begin(VOICE, track(), RATE, key=0)
    for name, call in {
        "mixture": lambda: separator(halves).separate(bad),
        "audio": lambda: estimator(None).estimate(bad.mono(), np.arange(3)),
        "vocals": lambda: conversion.observe(bad, 0),
    }.items():
        assert refusal(InputError, call) == text.format(name)
    assert refusal(InputError, lambda: conversion.render(bad, 0)) == text.format("vocals")


def test_what_is_not_audio_is_refused() -> None:
    assert refusal(InputError, lambda: separator(halves).separate(np.zeros((1, 4)))) == (
        "mixture: ndarray is not Audio; wrap it in Audio(samples, sample_rate)"
    )


def test_a_pitch_estimator_takes_one_channel() -> None:
    assert refusal(InputError, lambda: estimator(None).estimate(sound(), np.arange(3))) == (
        "audio: it has 2 channels, not 1; take its mono() first"
    )


@pytest.mark.parametrize(
    "centres",
    [[0, 1], np.arange(3.0), np.zeros((1, 2), np.int64), np.array([0, 0]), np.array([0, 65]),
     np.array([-1, 0]), np.array([3, 1])],
)  # fmt: skip
def test_centres_are_increasing_positions(centres: Any) -> None:
    assert refusal(InputError, lambda: estimator(None).estimate(sound(1), centres)) == (
        "centres: not an int64 array of increasing sample positions from 0 to 64; "
        "give for example numpy.arange(0, frames, hop)"
    )


def test_a_pitch_track_is_finite() -> None:
    bad = evolve(track(), f0=np.array([1.0, np.nan, 1.0, 1.0]))
    assert refusal(InputError, lambda: converter(None).begin(VOICE, bad, RATE, key=0)) == (
        "pitch: f0 holds NaN or infinity; write 0 where there is no pitch"
    )


@pytest.mark.parametrize("f0", [0.0, -220.0])
def test_a_pitch_track_is_positive_where_it_is_voiced(f0: float) -> None:
    bad = evolve(track(), f0=np.array([1.0, f0, 1.0, 1.0]), voiced=np.ones(4, bool))
    assert refusal(InputError, lambda: converter(None).begin(VOICE, bad, RATE, key=0)) == (
        "pitch: f0 is not above 0 Hz in all voiced frames; mark the others as unvoiced"
    )
    assert refusal(InputError, lambda: converter(None).begin(VOICE, [], RATE, key=0)) == (
        "pitch: list is not a PitchTrack; extract it from the vocals first"
    )


def test_recordings_are_checked_as_they_are_taken() -> None:
    taken: list[int] = []

    def learn(recordings: Iterable[tuple[Audio, PitchTrack]]) -> dict[str, Any]:
        for audio, _ in recordings:
            taken.append(audio.frames)
        return {}

    recordings = [(sound(1, 10), track()), (spoilt(sound(1, 20)), track())]
    assert refusal(InputError, lambda: converter(learn).learn(recordings)) == (
        "recordings[1]: it holds NaN or infinite samples; replace them first"
    )
    assert taken == [10]
    recordings = [(sound(2), track())]
    assert refusal(InputError, lambda: converter(learn).learn(recordings)) == (
        "recordings[0]: it has 2 channels, not 1; take its mono() first"
    )


def test_what_the_callers_iterable_raises_is_passed_on_unchanged() -> None:
    cause = KeyError("why")

    def recordings() -> Iterator[tuple[Audio, PitchTrack]]:
        yield sound(1), track()
        raise OSError("the disk went away") from cause

    def learn(found: Iterable[Any]) -> dict[str, Any]:
        try:
            return {str(number): 0 for number, _ in enumerate(found)}
        except Exception:
            return {}

    with pytest.raises(OSError, match=r"^the disk went away$") as caught:
        converter(learn).learn(recordings())
    assert caught.value.__cause__ is cause


def test_a_converter_gets_every_recording() -> None:
    def learn(found: Iterator[Any]) -> dict[str, Any]:
        return {"frames": np.array([audio.frames for audio, _ in found])}

    recordings = [(sound(1, frames), track()) for frames in (10, 20)]
    assert converter(learn).learn(recordings)["frames"].tolist() == [10, 20]


def test_a_converter_may_leave_recordings_untaken() -> None:
    def learn(found: Iterator[Any]) -> dict[str, Any]:
        next(found)
        return {"x": np.zeros(1)}

    recordings = iter([(sound(1), track()), (sound(1), track())])
    assert list(converter(learn).learn(recordings)) == ["x"]
