"""The least singing that a conversion needs, and a sentence on vocals that have less."""

from __future__ import annotations

from autovoice_core._types import PitchTrack
from autovoice_core.audio.source import Source

MIN_SUNG_SECONDS = 0.25
"""Least voiced sound of vocals that can be converted."""
MIN_SECONDS = 0.5
"""Length below which vocals that lack it are called too short: trackers miss a note's ends."""


def lack_of_singing(vocals: Source, pitch: PitchTrack) -> str:
    """Return what ``vocals`` lack to be converted, e.g. ``"no singing found"``, or ``""``.

    Parameters
    ----------
    vocals
        A voice alone, or the song that it was separated from.
    pitch
        The pitch of the voice.
    """
    voiced_seconds = float(pitch.voiced.sum()) * float(pitch.hop)
    if voiced_seconds >= MIN_SUNG_SECONDS:
        return ""
    seconds = vocals.frames / vocals.sample_rate
    if seconds < MIN_SECONDS:
        return f"too short to find singing in ({seconds:.2f} s); give {MIN_SECONDS:g} s or more"
    return f"no singing found ({voiced_seconds:.2f} s voiced); give a recording with vocals"
