from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autovoice_core import PitchTrack
from autovoice_core.conversion.key import AutoKey, choose_key
from autovoice_core.voices.records import F0Range


def pitch_at(f0: float) -> PitchTrack:
    return PitchTrack(np.full(5, f0), np.ones(5, bool), np.ones(5, np.float32), 0.01)


def voice_at(p5: float, p50: float, p95: float) -> Any:
    return SimpleNamespace(f0_range=F0Range(p5, p50, p95))


@pytest.mark.parametrize(
    ("f0", "mode", "semitones", "where"),
    [
        (210.0, "auto", 0, "original key"),
        (148.0, "auto", 0, "original key"),
        (144.0, "auto", 12, "one octave up"),
        (306.0, "auto", -12, "one octave down"),
        (187.0, "auto-semitone", 2, "2 semitones up"),
        (222.5, "auto-semitone", -1, "1 semitone down"),
        (80.0, "auto-semitone", 12, "one octave up"),
    ],
)
def test_the_key_that_brings_the_medians_together_is_chosen(
    f0: float, mode: AutoKey, semitones: int, where: str
) -> None:
    choice = choose_key(pitch_at(f0), voice_at(160.0, 210.0, 260.0), mode)
    assert choice.semitones == semitones
    assert choice.reason == f"the singer's median is {f0:.0f} Hz, the voice's 210 Hz: {where}"
    assert choice.warning == ""


@pytest.mark.parametrize(
    ("f0", "direction", "one", "two"), [(146.0, "up", "+12", 24), (1600.0, "down", "-12", -24)]
)
def test_two_octaves_are_named_and_never_taken(
    f0: float, direction: str, one: str, two: int
) -> None:
    choice = choose_key(pitch_at(f0), voice_at(380.0, 445.0, 500.0))
    assert (f"{choice.semitones:+d}", choice.reason, choice.warning) == (
        one,
        f"the singer's median is {f0:.0f} Hz, the voice's 445 Hz: one octave {direction}; "
        "two would be nearer, but cost quality",
        f"key: the singer is moved by {one} semitones; the voice is nearer to two octaves away, "
        f"which costs quality; give --key {two} (key={two}) to move that far",
    )


def test_the_key_stays_where_nothing_is_voiced() -> None:
    nothing = PitchTrack(np.zeros(2), np.zeros(2, bool), np.zeros(2, np.float32), 0.01)
    assert (
        choose_key(nothing, voice_at(160.0, 210.0, 260.0)).reason
        == "nothing is voiced: original key"
    )
