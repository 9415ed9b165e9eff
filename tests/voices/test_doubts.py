from __future__ import annotations

import numpy as np

from autovoice_core import Audio, PitchTrack
from autovoice_core.audio.source import AudioInMemory
from autovoice_core.voices.doubts import doubts
from autovoice_core.voices.takes import Take

RATE = 16_000
ONE, OTHER = np.eye(2)


def take(name: str, *chord: float, seconds: float = 3.0) -> Take:
    """Return a take of one voice, or of several, whose pitch is that of the first."""
    time = np.arange(round(seconds * RATE)) / RATE
    voices = sum(np.sin(2 * np.pi * k * f0 * time) / k for f0 in chord for k in range(1, 8))
    f0 = np.full(round(100 * seconds) + 1, chord[0])
    pitch = PitchTrack(f0, np.ones(len(f0), bool), np.ones(len(f0), np.float32), 0.01)
    return Take(AudioInMemory(Audio(np.float32(0.1 * voices)[None], RATE), name), pitch)


def test_one_voice_is_not_doubted() -> None:
    takes = [take("a.wav", 220.0), take("b.wav", 200.0)]
    assert list(doubts(takes, [ONE, 3 * ONE])) == []


def test_a_recording_with_more_than_one_voice_is_named() -> None:
    takes = [take("a.wav", 220.0), take("folder/b.wav", 220.0, 311.0)]
    assert list(doubts(takes, [ONE, OTHER])) == [
        "recordings: several voices, or a voice with accompaniment, seem to be in b.wav; if so, "
        "leave this file out, or separate the vocals first with `autovoice separate`"
    ]


def test_the_recordings_of_another_person_are_named() -> None:
    takes = [take(f"{name}.wav", 220.0) for name in "abcdefghi"]
    assert list(doubts(takes, [*[ONE] * 5, *[OTHER] * 4])) == [
        "recordings: f.wav, g.wav, h.wav and 1 more sound like another person than the rest; "
        "make a voice from recordings of one person"
    ]


def test_short_recordings_are_not_judged() -> None:
    takes = [take("a.wav", 220.0), take("b.wav", 220.0, 311.0, seconds=1.9)]
    assert list(doubts(takes, [ONE, OTHER])) == []
