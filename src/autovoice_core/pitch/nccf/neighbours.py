"""What the neighbours of a frame say of it: whether it is voiced, and where its pitch lies.

Frames that lie off the line through their neighbours are moved onto it.

Where a vowel changes fast, one period does not look like the next, and its best lag is off by
more than a voice can move. Such a frame is less sure than those around it, so that a straight
line through them all, each weighed by how sure it is (Cleveland 1979), passes it by.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core.pitch.nccf.parameters import NOTHING, ONE, Tuning

FINEST = 64
"""Steps in which time is counted, up to where a neighbour weighs nothing."""
MOST = 8
"""Neighbours to either side that are looked at, at most; sums then fit 63 bits."""


def helped(xp: Any, evidence: Any, place: Any, at: Any, tuning: Tuning, rate: float) -> Any:
    """Return the evidence of each frame, more where a surer one of the same pitch is next to it.

    Shape: ``(frames,)`` int32 twice, and int64 as for :func:`off_line` -> ``(frames,)`` int32.
    """
    best = evidence
    for shift in (1, -1):
        near = xp.abs(xp.roll(at, shift) - at) < tuning.line * rate
        alike = near & (xp.abs(xp.roll(place, shift) - place) <= tuning.beside_rise)
        lent = xp.roll(evidence, shift) - tuning.beside_cost
        best = xp.where(alike & (lent > best), lent, best)
    most = xp.where(evidence > NOTHING, evidence + tuning.beside, evidence)
    return xp.where(best < most, best, most)


def off_line(
    xp: Any, score: Any, place: Any, sung: Any, at: Any, tuning: Tuning, rate: float, near: int
) -> Any:
    """Return how far each frame is to be moved, in units of place; mostly 0.

    Parameters
    ----------
    xp
        Array library.
    score, place
        ``(frames,)`` int32 of each frame's pitch.
    sung
        ``(frames,)`` bool; others neither move nor count.
    at
        ``(frames,)`` int64 samples, rising within a clip, and far apart between clips.
    tuning
        ``line`` is how far neighbours count, ``off_line`` what is off.
    rate
        Samples a second.
    near
        How many neighbours to either side there are within that.
    """
    span = round(tuning.line * rate)
    doubt = ONE // 50 + ONE - xp.clip(xp.astype(score, xp.int64), 0, ONE)
    sure = xp.where(sung, (1 << 24) // (doubt * doubt), xp.zeros_like(doubt))
    place = xp.astype(place, xp.int64)
    weight = sure * (FINEST >> 2)
    time = square = reach = cross = xp.zeros_like(weight)
    for shift in (k for distance in range(1, min(near, MOST) + 1) for k in (distance, -distance)):
        later = xp.roll(at, -shift) - at
        when = xp.abs(later) * FINEST // span
        rise = xp.roll(place, -shift) - place
        # What wraps around lies on the wrong side.
        counts = (later * shift > 0) & (when < FINEST)
        counts = counts & (xp.abs(rise) <= tuning.off_line + (tuning.line_rise * when >> 6))
        part = xp.roll(sure, -shift) * ((FINEST - when) >> 2)
        part = xp.where(counts, part, xp.zeros_like(part))
        side = 1 if shift > 0 else -1
        weight, time, square = weight + part, time + side * when * part, square + when * when * part
        reach, cross = reach + rise * part, cross + side * when * rise * part
    whole = weight * square - time * time
    top = square * reach - time * cross
    far, least = xp.abs(top), tuning.off_line * whole
    moved = sung & (far > least)
    # From nothing at `off_line` to all of it at twice that, so that there is no step.
    by = xp.where(far < 2 * least, 2 * (far - least), far)
    # Some libraries divide whole numbers in single precision.
    by = xp.astype(xp.where(top > 0, by, -by), xp.float64)
    return xp.where(moved, by / xp.where(moved, xp.astype(whole, xp.float64), 1.0), 0.0)


def crowd(at: NDArray[np.int64], span: int) -> int:
    """Return the most frames that lie less than ``span`` behind a frame, positions on the host."""
    behind = np.searchsorted(at, at + span) - np.arange(1, len(at) + 1)
    return int(behind.max(initial=0))
