"""More vibrato, or less: the regular waver of a pitch track, scaled about the tune it is in.

The waver is what a track has between 3.5 and 9 Hz. But a step from note to note has that too, and
so has a scoop; what counts as vibrato is a row of swings, alike in time and extent (C. E. Seashore,
"The vibrato", 1932: 4 to 8 Hz, a semitone to either side at the most).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from autovoice_core._types import PitchTrack

_SLOW_S, _FAST_S = 0.16, 0.05
# Half a period of 8 and of 4 Hz, with room for a singer who is irregular.
_SHORTEST_S, _LONGEST_S = 0.05, 0.16
_SWINGS = 4
"""Swings to either side, one after the other, that make a vibrato."""
_ALIKE, _TURNS = 2.5, 0.5
_LEAST = 5.0  # cents
_JITTER_S = 0.03  # what moves faster than vibrato is left alone

Track = NDArray[np.float64]


def with_vibrato(track: PitchTrack, scale: float) -> PitchTrack:
    """Return ``track`` with its vibrato ``scale`` times as wide; voicing stays as it is."""
    if scale == 1.0:
        return track
    f0 = track.f0.copy()
    edges = np.flatnonzero(np.diff(track.voiced.astype(np.int8), prepend=0, append=0))
    for first, stop in zip(edges[::2], edges[1::2], strict=True):
        run = slice(first, stop)
        cents = 1200.0 * np.log2(f0[run])
        f0[run] *= 2.0 ** ((scale - 1.0) * vibrato(cents, track.hop) / 1200.0)
    return evolve(track, f0=f0)


def vibrato(cents: Track, hop: float) -> Track:
    """Return the vibrato in a voiced stretch, cents above and below its tune; 0 where none is.

    Shape: ``(frames,)``, frames ``hop`` seconds apart -> ``(frames,)``.
    """
    found = np.zeros(len(cents))
    waver = _averaged(cents, _FAST_S / hop) - _averaged(cents, _SLOW_S / hop)
    for bounds in _swinging(cents, waver, hop):
        row = slice(bounds[0], bounds[-1])
        # Averaged over a period, twice, a vibrato is gone and its tune is left. Rows begin and
        # end on the tune, about which they are turned, so that no note beside them is mixed in.
        period = 2.0 * float(np.median(np.diff(bounds)))
        tune = _averaged(cents[row], period)
        jitter = _JITTER_S / hop
        found[row] = (_averaged(cents[row], jitter) - tune) / np.sinc(jitter / period) ** 2
    return found


def _swinging(cents: Track, waver: Track, hop: float) -> list[list[int]]:
    """Return the rows of swings that are alike: the frames where each begins, and the end."""
    crossings = np.flatnonzero(np.diff(np.signbit(waver).astype(np.int8))) + 1
    bounds = np.concatenate([[0], crossings, [len(waver)]]).tolist()
    rows: list[list[int]] = []
    before: int | None = None  # where the swing before was widest, if it was one
    for begin, end in pairwise(bounds):
        widest = begin + int(np.argmax(np.abs(waver[begin:end])))
        size = abs(waver[widest])
        if not _SHORTEST_S <= (end - begin) * hop <= _LONGEST_S or size < _LEAST:
            before = None
            continue
        if before is None or not _alike(cents, waver, before, widest):
            rows.append([begin])
        rows[-1].append(end)
        before = widest
    return [row for row in rows if len(row) > _SWINGS]


def _alike(cents: Track, waver: Track, one: int, other: int) -> bool:
    """Whether two swings that follow each other are of one vibrato."""
    swing = waver[other] - waver[one]
    # Up a scale the pitch never turns back, whatever is left when its trend is taken off.
    turns = (cents[other] - cents[one]) / swing > _TURNS
    return bool(turns and 1 / _ALIKE <= abs(waver[other] / waver[one]) <= _ALIKE)


def _averaged(values: Track, frames: float) -> Track:
    """Return ``values`` under a triangle of ``frames`` to either side, turned about its ends."""
    reach = min(round(frames), len(values) - 1)
    if reach < 1:
        return values
    triangle = np.clip(1.0 - np.abs(np.arange(-reach, reach + 1)) / frames, 0.0, None)
    padded = np.pad(values, reach, mode="reflect", reflect_type="odd")
    return np.asarray(np.convolve(padded, triangle / triangle.sum(), "valid"))
