"""The octave balance of a mix: its parts turned down where it would exceed the song's."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autovoice_core.audio.equaliser import Octaves, equalised, octave_powers
from autovoice_core.audio.scratch import write_scratch
from autovoice_core.audio.source import Source

MAX_EXCESS_DB = 3.0
"""Most by which the sum of the parts' powers exceeds the song in an octave."""
MAX_VOCALS_CUT_DB, MAX_ACCOMPANIMENT_CUT_DB = 12.0, 24.0
"""Most that the parts are turned down in an octave: beyond, a voice loses its character."""
MIN_CUT_DB = 0.5
"""A part whose octaves all need less stays as it is."""
_SMALL = 1e-20


def balanced(
    song: Source,
    vocals: Source,
    converted: Source,
    accompaniment: Source,
    *,
    vocals_gain: float,
    folder: Path,
) -> tuple[Source, Source]:
    """Return the new vocals and the accompaniment in the octave balance of the song.

    A voice can be stronger than the old one where the song's vocals are thin, and a key that moves
    carries the accompaniment beyond the song's upper end. In each octave the accompaniment is
    turned down to the song's power and :data:`MAX_EXCESS_DB`, and the new vocals to what that
    leaves, or to the power of the old ones.

    Parameters
    ----------
    song, vocals
        The song and its vocals.
    converted, accompaniment
        The new vocals, and the accompaniment in their key.
    vocals_gain
        Factor that the new vocals are to be mixed with.
    folder
        Takes the parts that are changed.
    """
    limit = octave_powers(song) * 10 ** (MAX_EXCESS_DB / 10)
    rest = octave_powers(accompaniment)
    rest_gains = _gains_db(limit, rest, MAX_ACCOMPANIMENT_CUT_DB)
    left = limit - np.minimum(rest, limit)
    new = octave_powers(converted) * vocals_gain**2
    allowed = np.maximum(left, octave_powers(vocals))
    new_gains = _gains_db(allowed, new, MAX_VOCALS_CUT_DB)
    return (
        _equalised(converted, new_gains, folder / "balanced vocals"),
        _equalised(accompaniment, rest_gains, folder / "balanced accompaniment"),
    )


def _gains_db(limit: Octaves, power: Octaves, max_cut_db: float) -> Octaves:
    """Return the gains, at most 0 dB, that bring ``power`` down to ``limit`` if they can."""
    gains: Octaves = 10 * np.log10((limit + _SMALL) / (power + _SMALL))
    return np.clip(gains, -max_cut_db, 0.0)


def _equalised(source: Source, gains_db: Octaves, path: Path) -> Source:
    if gains_db.min() > -MIN_CUT_DB:
        return source
    return write_scratch(path, source, equalised(source, gains_db))
