"""The choice of a key: semitones that bring a singer near the range of a voice, and why."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from attrs import frozen

from autovoice_core._style import Style
from autovoice_core._types import PitchTrack
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
        A sentence that says why.
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
    f0 = pitch.f0[pitch.voiced]
    if not f0.shape[0]:
        return KeyChoice(0, "nothing is voiced: original key")
    return choose_key_from_median(float(np.median(f0)), voice, mode)


def key_of(style: Style, voice: VoiceProfile, pitch: PitchTrack) -> KeyChoice:
    """Return the key that ``style`` gives, or the one chosen as it says."""
    if isinstance(style.key, str):
        return choose_key(pitch, voice, style.key)
    return KeyChoice(style.key, "as given")


def choose_key_from_median(median: float, voice: VoiceProfile, mode: AutoKey = "auto") -> KeyChoice:
    """Return the key for a singer whose median f0 is ``median`` Hz; see :func:`choose_key`."""
    target = voice.f0_range.p50
    distance = math.log2(target / median)
    if mode == "auto":
        semitones = min((0, OCTAVE, -OCTAVE), key=lambda shift: _cost(distance, shift))
    else:
        semitones = max(-OCTAVE, min(OCTAVE, round(OCTAVE * distance)))
    reason = (
        f"the singer's median is {median:.0f} Hz, the voice's {target:.0f} Hz: {_name(semitones)}"
    )
    if abs(semitones) < OCTAVE or abs(distance) <= 1.5 + MOVE_COST_OCTAVES:
        return KeyChoice(semitones, reason)
    two = int(math.copysign(2 * OCTAVE, semitones))
    return KeyChoice(
        semitones,
        f"{reason}; two would be nearer, but cost quality",
        f"key: the singer is moved by {semitones:+d} semitones; the voice is nearer to two octaves "
        f"away, which costs quality; give --key {two} (key={two}) to move that far",
    )


def _cost(distance: float, semitones: int) -> float:
    """Return octaves that remain, and the cost of moving."""
    return abs(distance - semitones / OCTAVE) + MOVE_COST_OCTAVES * bool(semitones)


def _name(semitones: int) -> str:
    if not semitones:
        return "original key"
    direction = "up" if semitones > 0 else "down"
    if abs(semitones) == OCTAVE:
        return f"one octave {direction}"
    return f"{abs(semitones)} semitone{'s' * (abs(semitones) > 1)} {direction}"
