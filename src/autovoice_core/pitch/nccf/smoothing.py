"""Smoothing over neighbouring frames: of voicing scores, and of pitch by local regression.

Where a vowel changes fast, one period does not look like the next, and its best lag is off by
more than a voice can move. Such a frame scores less than those around it, so that a line through
them all, each weighted by its score (LOESS, Cleveland 1979), passes it by; the frame is moved
onto that line.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core.pitch.nccf.kernels import PitchKernels, SmoothingKernels
from autovoice_core.pitch.nccf.parameters import NO_CANDIDATE, PERFECT_SCORE, TrackerParameters

TIME_STEPS = 64
"""Steps in which time is counted, up to where a neighbour has no weight."""
MAX_NEIGHBOURS = 8
"""Neighbours to either side that a regression includes at most; its sums then fit 63 bits."""


def smoothing_kernels(xp: Any, kernels: PitchKernels) -> SmoothingKernels:
    """Return the kernels of a backend that has them, and the functions below for any other."""
    return kernels if isinstance(kernels, SmoothingKernels) else _ArraySmoothing(xp)


def reinforce(
    xp: Any,
    score: Any,
    log_lag: Any,
    positions: Any,
    parameters: TrackerParameters,
    rate: float,
) -> Any:
    """Return the score of each frame, raised where an adjacent one of the same pitch has more.

    Shape: ``(frames,)`` int32 twice, and int64 as for :func:`regression_shift` -> ``(frames,)``
    int32.
    """
    best = score
    for shift in (1, -1):
        near = xp.abs(xp.roll(positions, shift) - positions) < parameters.regression_seconds * rate
        alike = near & (xp.abs(xp.roll(log_lag, shift) - log_lag) <= parameters.support_distance)
        support = xp.roll(score, shift) - parameters.support_cost
        best = xp.where(alike & (support > best), support, best)
    most = xp.where(score > NO_CANDIDATE, score + parameters.support_gain, score)
    return xp.where(best < most, best, most)


def regression_shift(
    xp: Any,
    score: Any,
    log_lag: Any,
    voiced: Any,
    positions: Any,
    parameters: TrackerParameters,
    rate: float,
    neighbours: int,
) -> Any:
    """Return how far each frame is to be moved onto its local regression; 0 for most.

    Parameters
    ----------
    xp
        Array library.
    score, log_lag
        ``(frames,)`` int32 of the candidate on the path.
    voiced
        ``(frames,)`` bool; other frames are neither moved nor included.
    positions
        ``(frames,)`` int64 samples of the analysis rate, rising within a clip, and far apart
        between clips.
    parameters
        ``regression_seconds`` is how far a regression reaches, ``regression_tolerance`` how far
        off it a frame may lie.
    rate
        The analysis rate, Hz.
    neighbours
        Frames to either side that lie within the reach.

    Returns
    -------
    Array
        ``(frames,)`` float64, in units of log lag.
    """
    span = round(parameters.regression_seconds * rate)
    doubt = PERFECT_SCORE // 50 + PERFECT_SCORE
    doubt = doubt - xp.clip(xp.astype(score, xp.int64), 0, PERFECT_SCORE)
    certainty = xp.where(voiced, (1 << 24) // (doubt * doubt), xp.zeros_like(doubt))
    log_lag = xp.astype(log_lag, xp.int64)
    # Sums of weights w, of w t, w t t, w y and w t y, with times t and log lags y relative to the
    # frame's own.
    w = certainty * (TIME_STEPS >> 2)
    wt = wtt = wy = wty = xp.zeros_like(w)
    reach = min(neighbours, MAX_NEIGHBOURS)
    for shift in (k for step in range(1, reach + 1) for k in (step, -step)):
        later = xp.roll(positions, -shift) - positions
        time = xp.abs(later) * TIME_STEPS // span
        rise = xp.roll(log_lag, -shift) - log_lag
        # Frames that wrap around are on the wrong side.
        counts = (later * shift > 0) & (time < TIME_STEPS)
        tolerance = parameters.regression_tolerance + (parameters.regression_rise * time >> 6)
        counts = counts & (xp.abs(rise) <= tolerance)
        weight = xp.roll(certainty, -shift) * ((TIME_STEPS - time) >> 2)
        weight = xp.where(counts, weight, xp.zeros_like(weight))
        side = 1 if shift > 0 else -1
        w, wt, wtt = w + weight, wt + side * time * weight, wtt + time * time * weight
        wy, wty = wy + rise * weight, wty + side * time * rise * weight
    # The regression's value at the frame's own time is numerator / denominator.
    denominator = w * wtt - wt * wt
    numerator = wtt * wy - wt * wty
    distance, least = xp.abs(numerator), parameters.regression_tolerance * denominator
    moved = voiced & (distance > least)
    # From nothing at the tolerance to all of it at twice that, so that there is no step.
    by = xp.where(distance < 2 * least, 2 * (distance - least), distance)
    # Some libraries divide whole numbers in single precision.
    by = xp.astype(xp.where(numerator > 0, by, -by), xp.float64)
    return xp.where(moved, by / xp.where(moved, xp.astype(denominator, xp.float64), 1.0), 0.0)


def max_neighbours(positions: NDArray[np.int64], span: int) -> int:
    """Return the most frames that follow one within ``span`` samples, positions on the host."""
    following = np.searchsorted(positions, positions + span) - np.arange(1, len(positions) + 1)
    return int(following.max(initial=0))


@frozen(eq=False)
class _ArraySmoothing:
    """The functions of this module on an array library, as kernels."""

    xp: Any

    def reinforce(self, *arguments: Any) -> Any:
        return reinforce(self.xp, *arguments)

    def regression_shift(self, *arguments: Any) -> Any:
        return regression_shift(self.xp, *arguments)
