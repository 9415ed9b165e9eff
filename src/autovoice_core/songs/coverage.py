"""The share of the vocals that was recognised as singing and converted."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from attrs import frozen

from autovoice_core._types import PitchTrack
from autovoice_core.audio.source import Source
from autovoice_core.voices.takes import frame_power

LOUD_DB = 30.0
"""Vocals this far below their 95th percentile count as singing time."""
MIN_CONVERTED = 0.5
"""Least share of the singing time that should be converted."""
_POWER_FLOOR = 1e-12


@frozen
class SungShare:
    """The part of the vocals that was converted.

    Attributes
    ----------
    seconds
        Singing time: how long the vocals are within 30 dB of their 95th percentile.
    converted
        Share of it, 0 to 1, in which a pitch was found, so that it sounds in the new voice.
    unvoiced
        The rest: consonants, breaths and remains of the accompaniment.
    vocals_db
        Mean level of the vocals relative to the song.
    """

    seconds: float
    converted: float
    unvoiced: float
    vocals_db: float

    def warning(self, path: Path) -> str:
        """Return what to do about ``path`` if little was converted, else ``""``."""
        if self.converted >= MIN_CONVERTED:
            return ""
        return (
            f"{path}: only {self.converted:.0%} of the vocals was recognised as singing and "
            "converted; check that the song has vocals, or try another separator"
        )


def sung_share(song: Source, vocals: Source, pitch: PitchTrack) -> SungShare:
    """Return how much of ``vocals``, which were separated from ``song``, has a pitch."""
    power = frame_power(vocals, pitch)
    whole = power if song is vocals else frame_power(song, pitch)
    ratio = (power.mean() + _POWER_FLOOR) / (whole.mean() + _POWER_FLOOR)
    loud = power > np.percentile(power, 95) * 10 ** (-LOUD_DB / 10)
    converted = float(pitch.voiced[loud].mean()) if loud.any() else 0.0
    return SungShare(
        seconds=float(loud.sum()) * float(pitch.hop),
        converted=converted,
        unvoiced=1.0 - converted,
        vocals_db=10 * math.log10(ratio),
    )
