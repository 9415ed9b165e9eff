"""The configuration of the tracker: all that the sample rate and the pitch range determine."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core.pitch.nccf.lags import LagTable
from autovoice_core.pitch.nccf.parameters import ENERGY_BLOCK, TrackerParameters
from autovoice_core.pitch.nccf.preprocess import decimation, high_pass_reach, low_pass


@frozen(eq=False)
class Configuration:
    """What the tracker works with at one sample rate and in one range of pitch.

    Attributes
    ----------
    parameters
        What it was derived from.
    factor
        The sample rate over the analysis rate.
    rate
        The analysis rate, Hz.
    taps
        int32, those of the low pass.
    high_pass_reach
        Samples of the analysis rate to either side whose average is subtracted.
    lags
        The lags to try.
    gate_blocks
        Blocks to either side in which the loudest is looked for.
    regression_span
        Samples of the analysis rate over which a regression reaches to either side.
    """

    parameters: TrackerParameters
    factor: int
    rate: float
    taps: NDArray[np.int32]
    high_pass_reach: int
    lags: LagTable
    gate_blocks: int
    regression_span: int

    @classmethod
    @lru_cache(maxsize=32)
    def of(
        cls, sample_rate: int, fmin: float, fmax: float, parameters: TrackerParameters
    ) -> Configuration:
        """Return the configuration for a sample rate and a range in Hz."""
        factor = decimation(sample_rate)
        rate = sample_rate / factor
        return cls(
            parameters,
            factor,
            rate,
            low_pass(sample_rate),
            high_pass_reach(rate),
            LagTable.within(rate, fmin, fmax, parameters),
            round(parameters.gate_seconds * rate / ENERGY_BLOCK),
            round(parameters.regression_seconds * rate),
        )
