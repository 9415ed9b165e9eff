"""The vibrato of a pitch track: its measurement, and its scaling about the melody.

Modulation is what a track has between 3.5 and 9 Hz. But a step from note to note has that too, and
so has a scoop; what counts as vibrato is a series of swings, alike in time and extent (C. E.
Seashore, "The vibrato", 1932: 4 to 8 Hz, a semitone to either side at the most).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from autovoice_core._types import PitchTrack

MELODY_SECONDS, MODULATION_SECONDS = 0.16, 0.05
"""Reach of the triangular averages whose difference is the modulation."""
MIN_SWING_SECONDS, MAX_SWING_SECONDS = 0.05, 0.16
"""Half a period of 8 and of 4 Hz, with room for an irregular singer."""
MIN_SWINGS = 4
"""Swings to either side, one after the other, that make a vibrato."""
MIN_SWING_CENTS = 5.0
"""Extent of the smallest swing."""
MAX_EXTENT_RATIO = 2.5
"""Ratio of the extents of adjacent swings of one vibrato at most."""
MIN_TURN = 0.5
"""Part of a swing that the pitch itself must move by; else it only goes up or down a scale."""
JITTER_SECONDS = 0.03
"""Reach of the average that leaves faster movements than vibrato unchanged."""

Cents = NDArray[np.float64]


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


def vibrato(cents: Cents, hop: float) -> Cents:
    """Return the vibrato in a voiced stretch, cents above and below its melody; 0 without one.

    Shape: ``(frames,)``, frames ``hop`` seconds apart -> ``(frames,)``.
    """
    found = np.zeros(len(cents))
    modulation = _average(cents, MODULATION_SECONDS / hop) - _average(cents, MELODY_SECONDS / hop)
    for bounds in _swing_series(cents, modulation, hop):
        series = slice(bounds[0], bounds[-1])
        # A triangular average over a period removes a vibrato and leaves its melody. Series begin
        # and end on the melody, about which they are mirrored, so that no adjacent note is mixed
        # in.
        period = 2.0 * float(np.median(np.diff(bounds)))
        melody = _average(cents[series], period)
        jitter = JITTER_SECONDS / hop
        found[series] = (_average(cents[series], jitter) - melody) / np.sinc(jitter / period) ** 2
    return found


def _swing_series(cents: Cents, modulation: Cents, hop: float) -> list[list[int]]:
    """Return the series of similar swings: the first frame of each swing, and the end."""
    crossings = np.flatnonzero(np.diff(np.signbit(modulation).astype(np.int8))) + 1
    bounds = np.concatenate([[0], crossings, [len(modulation)]]).tolist()
    series: list[list[int]] = []
    previous: int | None = None  # the peak of the swing before, if it was one
    for begin, end in pairwise(bounds):
        peak = begin + int(np.argmax(np.abs(modulation[begin:end])))
        extent = abs(modulation[peak])
        seconds = (end - begin) * hop
        if not MIN_SWING_SECONDS <= seconds <= MAX_SWING_SECONDS or extent < MIN_SWING_CENTS:
            previous = None
            continue
        if previous is None or not _are_similar(cents, modulation, previous, peak):
            series.append([begin])
        series[-1].append(end)
        previous = peak
    return [swings for swings in series if len(swings) > MIN_SWINGS]


def _are_similar(cents: Cents, modulation: Cents, one: int, other: int) -> bool:
    """Return whether adjacent swings, given by their peaks, are of one vibrato."""
    swing = modulation[other] - modulation[one]
    # Up a scale the pitch never turns back, whatever is left when its trend is removed.
    turns = (cents[other] - cents[one]) / swing > MIN_TURN
    ratio = abs(modulation[other] / modulation[one])
    return bool(turns and 1 / MAX_EXTENT_RATIO <= ratio <= MAX_EXTENT_RATIO)


def _average(values: Cents, frames: float) -> Cents:
    """Return the triangular average of ``values``, ``frames`` to either side, ends mirrored."""
    reach = min(round(frames), len(values) - 1)
    if reach < 1:
        return values
    triangle = np.clip(1.0 - np.abs(np.arange(-reach, reach + 1)) / frames, 0.0, None)
    padded = np.pad(values, reach, mode="reflect", reflect_type="odd")
    return np.asarray(np.convolve(padded, triangle / triangle.sum(), "valid"))
