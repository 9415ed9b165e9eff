"""Candidate lags of each frame: the peaks of its normalised cross-correlation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from autovoice_core.pitch.nccf.configuration import Configuration
from autovoice_core.pitch.nccf.kernels import PitchKernels
from autovoice_core.pitch.nccf.parameters import LAG_TABLE_STEPS, NO_CANDIDATE


@frozen(eq=False)
class Candidates:
    """The candidates of each frame, best first, and how loud the frame is.

    Attributes
    ----------
    score
        ``(frames, candidates)`` int32, 4096 for a perfect repetition, less the costs of the lag
        and of noise.
    lag
        ``(frames, candidates)`` float64, in samples of the analysis rate.
    log_lag
        ``(frames, candidates)`` int32, 1024 times the binary logarithm of the lag.
    attenuation
        ``(frames,)`` int32, see :mod:`autovoice_core.pitch.nccf.loudness`.
    """

    score: Any
    lag: Any
    log_lag: Any
    attenuation: Any

    def map(self, function: Callable[[Any], Any]) -> Candidates:
        """Return what ``function`` makes of each array."""
        return Candidates(*(function(array) for array in self._arrays))

    def concat(self, xp: Any, other: Candidates) -> Candidates:
        """Return these frames followed by those of ``other``."""
        pairs = zip(self._arrays, other._arrays, strict=True)
        return Candidates(*(xp.concat([one, more]) for one, more in pairs))

    @property
    def _arrays(self) -> tuple[Any, Any, Any, Any]:
        return self.score, self.lag, self.log_lag, self.attenuation


def find_candidates(
    xp: Any,
    kernels: PitchKernels,
    configuration: Configuration,
    signal: Any,
    positions: Any,
    attenuation: Any,
    noisy: Any = None,
) -> Candidates:
    """Return the candidates of each frame.

    Parameters
    ----------
    xp, kernels
        Array library and kernels.
    configuration
        Of the tracker.
    signal
        ``(n,)`` int32 at the analysis rate, preprocessed.
    positions
        ``(frames,)`` int64, the sample of the signal at which each frame is centred.
    attenuation
        ``(frames,)`` int32.
    noisy
        ``(frames,)`` int32, 1 for those that were mostly noise and cost more; by default none.
    """
    lags, count = configuration.lags, configuration.parameters.candidates
    score, lag = kernels.correlate(signal, positions, lags.first, lags.widths, lags.costs, count)
    if noisy is not None:
        cost = (noisy * configuration.parameters.noise_cost)[:, None]
        score = xp.where(score > NO_CANDIDATE, score - cost, score)
    fine = xp.astype(xp.round(lag * LAG_TABLE_STEPS), xp.int64)
    log_lag = xp.take(xp.asarray(lags.log_lags), xp.reshape(fine, (-1,)))
    return Candidates(score, lag, xp.reshape(log_lag, fine.shape), attenuation)
