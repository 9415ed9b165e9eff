from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autovoice_core import PitchTrack
from autovoice_core._style import Style
from autovoice_core.conversion.key import AutoKey, choose_key, key_of, median_f0
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
    assert choice.reason == (
        f"{where}, since the singer's median is {f0:.0f} Hz and the voice's 210 Hz"
    )
    assert choice.warning == ""


@pytest.mark.parametrize(
    ("f0", "direction", "one", "two"), [(146.0, "up", 12, 24), (1600.0, "down", -12, -24)]
)
def test_two_octaves_are_named_and_never_taken(
    f0: float, direction: str, one: int, two: int
) -> None:
    choice = choose_key(pitch_at(f0), voice_at(380.0, 445.0, 500.0))
    assert (choice.semitones, choice.reason, choice.warning) == (
        one,
        f"one octave {direction}, since the singer's median is {f0:.0f} Hz and the voice's 445 Hz; "
        "auto moves by one octave at most",
        f"key: the voice lies nearer to two octaves {direction}, but auto moves by one octave at "
        f"most, since two often sound unnatural; to try them, give key={two}",
    )


def test_the_key_stays_where_nothing_is_voiced() -> None:
    nothing = PitchTrack(np.zeros(2), np.zeros(2, bool), np.zeros(2, np.float32), 0.01)
    choice = choose_key(nothing, voice_at(160.0, 210.0, 260.0))
    assert choice.reason == "original key, since nothing is voiced"


def test_doubtful_frames_hardly_move_the_median() -> None:
    f0 = np.repeat([197.0, 400.0], [4, 6])
    confidence = np.repeat([0.6, 0.3], [4, 6]).astype(np.float32)
    pitch = PitchTrack(f0, np.ones(10, bool), confidence, 0.01)
    assert median_f0(pitch) == 197.0


def test_without_confidence_every_frame_counts_alike() -> None:
    f0 = np.array([100.0, 0.0, 300.0, 200.0])
    pitch = PitchTrack(f0, f0 > 0, np.zeros(4, np.float32), 0.01)
    assert median_f0(pitch) == 200.0


@pytest.mark.parametrize(
    ("key", "from_voice", "reason"),
    [
        (-3, False, "3 semitones down, as requested"),
        (1, True, "1 semitone up, from the voice's style"),
        (0.5, False, "0.5 semitones up, as requested"),
        (24, False, "two octaves up, as requested"),
        (0, True, "original key, from the voice's style"),
    ],
)
def test_a_key_that_was_given_says_by_whom(key: float, from_voice: bool, reason: str) -> None:
    choice = key_of(
        Style(key=key), voice_at(160.0, 210.0, 260.0), pitch_at(100.0), from_voice=from_voice
    )
    assert (choice.semitones, choice.reason, choice.warning) == (key, reason, "")
