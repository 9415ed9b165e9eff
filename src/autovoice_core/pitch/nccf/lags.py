"""The lags that the tracker tries, with the window, cost and logarithm of each."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core.pitch.nccf.parameters import (
    LAG_TABLE_STEPS,
    UNITS_PER_OCTAVE,
    TrackerParameters,
)


@frozen(eq=False)
class LagTable:
    """The lags that are tried, one after another from ``first`` on, with what belongs to each.

    Attributes
    ----------
    first
        The smallest lag, in samples of the analysis rate.
    widths, costs
        ``(lags,)`` int32, the window of each lag, and what is subtracted from its score.
    log_lags
        int32, the log lag of ``i / LAG_TABLE_STEPS`` samples.
    """

    first: int
    widths: NDArray[np.int32]
    costs: NDArray[np.int32]
    log_lags: NDArray[np.int32]

    @classmethod
    def within(
        cls, rate: float, fmin: float, fmax: float, parameters: TrackerParameters
    ) -> LagTable:
        """Return the lags from ``fmax`` to ``fmin``, in Hz, at ``rate`` samples a second."""
        first = int(rate / fmax) - 1
        last = int(np.ceil(rate / fmin)) + 1
        lags = np.arange(first, last + 1)
        shortest, longest = (
            round(seconds * rate)
            for seconds in (parameters.min_window_seconds, parameters.max_window_seconds)
        )
        widths = np.clip(parameters.window_periods * lags, shortest, longest)
        costs = np.rint(parameters.octave_cost * np.log2(lags / first))
        fine = np.arange(LAG_TABLE_STEPS * (last + 2)) / LAG_TABLE_STEPS
        log_lags = np.rint(UNITS_PER_OCTAVE * np.log2(np.maximum(fine, 1.0)))
        return cls(
            first, widths.astype(np.int32), costs.astype(np.int32), log_lags.astype(np.int32)
        )

    @property
    def reach(self) -> int:
        """Samples to either side of a centre that its correlation looks at."""
        return (int(self.widths[-1]) + self.first + len(self.widths)) // 2
