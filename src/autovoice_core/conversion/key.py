"""The choice of a key: semitones that bring a singer near the range of a voice, and why."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from attrs import frozen

from autovoice_core._style import Style
from autovoice_core._types import PitchTrack
from autovoice_core._wording import setting
from autovoice_core.voices.profile import VoiceProfile

OCTAVE = 12
MOVE_COST_OCTAVES = 0.05
"""Octaves by which a shift by an octave must come nearer before the singer is moved."""

AutoKey = Literal["auto", "auto-semitone"]


@frozen
class KeyChoice:
    """A key that was chosen.

    Attributes
    ----------
    semitones
        Semitones to move by.
    reason
        The key in words, and why it was taken.
    warning
        What the user should know of the choice, or ``""``.
    """

    semitones: float
    reason: str
    warning: str = ""


def choose_key(pitch: PitchTrack, voice: VoiceProfile, mode: AutoKey = "auto") -> KeyChoice:
    """Return the key that brings the singer's median f0 near the voice's, within an octave.

    Parameters
    ----------
    pitch
        The singer's pitch. Where nothing is voiced the key stays.
    voice
        The voice to sing in.
    mode
        ``"auto"``: of 0, 12 and -12 the one of least cost, the distance of the medians in octaves
        and :data:`MOVE_COST_OCTAVES` for a move. ``"auto-semitone"``: the nearest whole semitone
        from -12 to 12.
    """
    if not pitch.voiced.any():
        return KeyChoice(0, "original key, since nothing is voiced")
    return choose_key_from_median(median_f0(pitch), voice, mode)


def median_f0(pitch: PitchTrack) -> float:
    """Return the median f0 of the voiced frames, Hz, each weighted by its confidence.

    What a separator leaves of the accompaniment is tracked too, with little confidence.
    """
    order = np.argsort(pitch.f0[pitch.voiced])
    f0, confidence = pitch.f0[pitch.voiced][order], pitch.confidence[pitch.voiced][order]
    below = np.cumsum(confidence if confidence.any() else np.ones(len(f0)), dtype=np.float64)
    return float(f0[np.searchsorted(below, 0.5 * below[-1])])


def key_of(
    style: Style, voice: VoiceProfile, pitch: PitchTrack, *, from_voice: bool = False
) -> KeyChoice:
    """Return the key that ``style`` gives, or the one chosen as it says.

    ``from_voice`` says that a number was not requested but is the default of the voice.
    """
    if isinstance(style.key, str):
        return choose_key(pitch, voice, style.key)
    source = "from the voice's style" if from_voice else "as requested"
    return KeyChoice(style.key, f"{_name(style.key)}, {source}")


def choose_key_from_median(median: float, voice: VoiceProfile, mode: AutoKey = "auto") -> KeyChoice:
    """Return the key for a singer whose median f0 is ``median`` Hz; see :func:`choose_key`."""
    target = voice.f0_range.p50
    distance = math.log2(target / median)
    if mode == "auto":
        semitones = min((0, OCTAVE, -OCTAVE), key=lambda shift: _cost(distance, shift))
    else:
        semitones = max(-OCTAVE, min(OCTAVE, round(OCTAVE * distance)))
    reason = (
        f"{_name(semitones)}, since the singer's median is {median:.0f} Hz and the voice's "
        f"{target:.0f} Hz"
    )
    if abs(semitones) < OCTAVE or abs(distance) <= 1.5 + MOVE_COST_OCTAVES:
        return KeyChoice(semitones, reason)
    two = int(math.copysign(2 * OCTAVE, semitones))
    return KeyChoice(
        semitones,
        f"{reason}; {mode} moves by one octave at most",
        f"key: the voice lies nearer to {_name(two)}, but {mode} moves by one octave at most, "
        f"since two often sound unnatural; to try them, give {setting('key', two)}",
    )


def _cost(distance: float, semitones: int) -> float:
    """Return octaves that remain, and the cost of moving."""
    return abs(distance - semitones / OCTAVE) + MOVE_COST_OCTAVES * bool(semitones)


def _name(semitones: float) -> str:
    if not semitones:
        return "original key"
    direction, size = "up" if semitones > 0 else "down", abs(semitones)
    if size in (OCTAVE, 2 * OCTAVE):
        return f"one octave {direction}" if size == OCTAVE else f"two octaves {direction}"
    return f"{size:g} semitone{'s' * (size != 1)} {direction}"
