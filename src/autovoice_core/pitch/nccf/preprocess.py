"""What comes before the candidates: whole numbers, a lower rate, tables of lags, loudness."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core.pitch.nccf.kernels import PitchKernels
from autovoice_core.pitch.nccf.parameters import (
    BLOCK,
    FINE,
    FLOOR,
    FULL_SCALE,
    OCTAVE,
    RATE,
    TOP,
    Tuning,
)

REACH = 24
"""Samples of the lower rate that the low pass looks to either side."""
LOUDEST = 8.0
"""Times full scale at which samples are cut."""


def decimation(sample_rate: int) -> int:
    """Return the factor by which the sample rate is lowered."""
    return max(1, round(sample_rate / RATE))


def integers(xp: Any, samples: Any) -> Any:
    """Return ``(n,)`` samples as whole numbers, int32, full scale at 2**23."""
    return xp.astype(xp.round(xp.clip(samples, -LOUDEST, LOUDEST) * FULL_SCALE), xp.int32)


def low_pass(sample_rate: int) -> NDArray[np.int32]:
    """Return taps in Q15 that keep the harmonics that matter and leave out noise."""
    half = REACH * decimation(sample_rate)
    time = np.arange(-half, half + 1)
    cut = min(TOP / sample_rate, 0.45)
    taps = np.sinc(2 * cut * time) * np.kaiser(2 * half + 1, 5.0)
    whole: NDArray[np.int32] = np.rint(taps / taps.sum() * (1 << 15)).astype(np.int32)
    whole[half] += (1 << 15) - whole.sum()
    return whole


def average_reach(rate: float) -> int:
    """Return the samples to either side whose average takes away what no voice reaches down to."""
    return round(rate / 90)


def moving_average(xp: Any, signal: Any, width: int) -> Any:
    """Return the average of each ``width`` samples in a row, rounded down: ``width - 1`` fewer."""
    zero = xp.zeros(1, dtype=xp.int64)
    edges = xp.concat([zero, xp.cumulative_sum(xp.astype(signal, xp.int64))])
    return xp.astype((edges[width:] - edges[:-width]) // width, xp.int32)


@frozen(eq=False)
class Lags:
    """The lags that are tried, from ``first`` on, with what belongs to each.

    Attributes
    ----------
    widths, costs
        ``(lags,)`` int32, the window and what is taken off the score.
    places
        int32, the logarithm of a lag of ``i / FINE`` samples.
    """

    first: int
    widths: NDArray[np.int32]
    costs: NDArray[np.int32]
    places: NDArray[np.int32]

    @classmethod
    def within(cls, rate: float, fmin: float, fmax: float, tuning: Tuning) -> Lags:
        """Return the lags from ``fmax`` to ``fmin``, in Hz, at ``rate`` samples a second."""
        first = int(rate / fmax) - 1
        last = int(np.ceil(rate / fmin)) + 1
        lags = np.arange(first, last + 1)
        widths = np.maximum(tuning.periods * lags, round(tuning.window * rate))
        costs = np.rint(tuning.octave_cost * np.log2(lags / first))
        fine = np.arange(FINE * (last + 2)) / FINE
        places = np.rint(OCTAVE * np.log2(np.maximum(fine, 1.0)))
        return cls(first, widths.astype(np.int32), costs.astype(np.int32), places.astype(np.int32))

    @property
    def reach(self) -> int:
        """Samples to either side of a centre that its correlation looks at."""
        return (int(self.widths[-1]) + self.first + len(self.widths)) // 2

    def candidates(
        self, xp: Any, kernels: PitchKernels, signal: Any, at: Any, best: int
    ) -> tuple[Any, Any, Any]:
        """Return score, lag and place of the candidates around ``at``, each ``(frames, best)``."""
        score, lag = kernels.correlate(signal, at, self.first, self.widths, self.costs, best)
        fine = xp.astype(xp.round(lag * FINE), xp.int64)
        place = xp.take(xp.asarray(self.places), xp.reshape(fine, (-1,)))
        return score, lag, xp.reshape(place, fine.shape)


def energies(xp: Any, signal: Any) -> Any:
    """Return the energy of each block of a signal of whole blocks, int64."""
    wide = xp.astype(xp.reshape(signal, (-1, BLOCK)), xp.int64)
    return xp.sum(wide * wide, axis=1)


def softness(xp: Any, energy: Any, tuning: Tuning, before: int, after: int) -> Any:
    """Return how many powers of two each block lies under the loudest near it, int32.

    Of blocks from ``before`` earlier to ``after`` later; at most ``tuning.gate``, which also
    stands for what is too quiet to be a voice at all.
    """
    loudest = running_max(xp, energy, before, after)
    under = xp.zeros(energy.shape, dtype=xp.int32)
    for power in range(1, tuning.gate + 1):
        under = under + xp.astype(energy <= (loudest >> power), xp.int32)
    return xp.where(energy > FLOOR, under, xp.full_like(under, tuning.gate))


def running_max(xp: Any, values: Any, before: int, after: int) -> Any:
    """Return the largest of non-negative values from ``before`` earlier to ``after`` later."""
    wide = xp.concat(
        [xp.zeros(before, dtype=values.dtype), values, xp.zeros(after, dtype=values.dtype)]
    )
    span = 1
    width = before + after + 1
    while 2 * span <= width:  # by doubling
        wide = xp.maximum(wide[:-span], wide[span:])
        span *= 2
    rest = width - span
    return xp.maximum(wide[: wide.shape[0] - rest], wide[rest:]) if rest else wide
