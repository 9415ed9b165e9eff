"""Preprocessing of the signal: integers, low pass and decimation, moving-average high pass."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core.pitch.nccf.parameters import (
    ANALYSIS_RATE,
    CLIP_LEVEL,
    FULL_SCALE,
    LOW_PASS_HZ,
)

LOW_PASS_REACH = 24
"""Samples of the analysis rate to either side over which the low pass reaches."""
HIGH_PASS_HZ = 90
"""The average that the high pass subtracts spans two periods of this frequency."""


def decimation(sample_rate: int) -> int:
    """Return the factor by which a sample rate in Hz is lowered to the analysis rate."""
    return max(1, round(sample_rate / ANALYSIS_RATE))


def to_integers(xp: Any, samples: Any) -> Any:
    """Return ``(n,)`` samples as int32, clipped, with full scale at 2**23."""
    return xp.astype(xp.round(xp.clip(samples, -CLIP_LEVEL, CLIP_LEVEL) * FULL_SCALE), xp.int32)


def low_pass(sample_rate: int) -> NDArray[np.int32]:
    """Return the taps of the low pass in Q15, a sinc under a Kaiser window."""
    half = LOW_PASS_REACH * decimation(sample_rate)
    time = np.arange(-half, half + 1)
    cutoff = min(LOW_PASS_HZ / sample_rate, 0.45)
    taps = np.sinc(2 * cutoff * time) * np.kaiser(2 * half + 1, 5.0)
    rounded: NDArray[np.int32] = np.rint(taps / taps.sum() * (1 << 15)).astype(np.int32)
    rounded[half] += (1 << 15) - rounded.sum()
    return rounded


def high_pass_reach(rate: float) -> int:
    """Return the samples to either side whose average the high pass subtracts, at ``rate`` Hz."""
    return round(rate / HIGH_PASS_HZ)


def moving_average(xp: Any, signal: Any, width: int) -> Any:
    """Return the average of each ``width`` adjacent samples, rounded down; ``width - 1`` fewer."""
    zero = xp.zeros(1, dtype=xp.int64)
    edges = xp.concat([zero, xp.cumulative_sum(xp.astype(signal, xp.int64))])
    return xp.astype((edges[width:] - edges[:-width]) // width, xp.int32)
