"""Harmonic salience: how well each bin fits the harmonics of likely fundamentals.

The salience of a fundamental is the sum of what stands out at its harmonics, less what stands out
between them, as Camacho and Harris weigh them ("A sawtooth waveform inspired pitch estimator",
JASA 2008). All likely fundamentals are kept, so nothing has to be decided, and several voices may
sing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from array_api_compat import device
from numpy.typing import NDArray

from autovoice_core.separation.wrpca.smoothing import triangular_mean

MIN_F0_HZ, MAX_F0_HZ = 75.0, 1050.0
"""Range of the fundamentals."""
F0S_PER_OCTAVE = 60
"""Fundamentals tried in an octave."""
MAX_HARMONIC_HZ = 5_000.0
"""Frequency of the highest harmonic."""
HARMONICS, HARMONIC_DECAY = 12, 0.85
"""Number of harmonics, and the weight of each relative to the one before."""
GAP_WEIGHT = 0.5
"""Weight against a fundamental of what lies between its harmonics."""
MIN_SALIENCE, HALF_SALIENCE = 2.0, 4.0
"""Salience from which a fundamental counts, and how far above that it counts for half."""
MAX_FIT = 6.0
"""The largest fit of a bin."""


def harmonic_fit(xp: Any, magnitude: Any, mask: Any, bin_hz: float) -> Any:
    """Return how well each bin fits the harmonics of its frame, 0 to :data:`MAX_FIT`.

    Shape: ``(frames, bins)`` float32 twice, the second the vocal mask so far -> the same.
    """
    bins = min(magnitude.shape[1], int(MAX_HARMONIC_HZ / bin_hz))
    comb, teeth = (
        xp.asarray(matrix, device=device(magnitude)) for matrix in _combs(bins, round(bin_hz, 6))
    )
    floor = 1e-3 * float(xp.mean(magnitude**2)) ** 0.5
    level = xp.log(magnitude[:, :bins] + floor)
    prominence = xp.clip(level - triangular_mean(xp, level, 8, 1), 0.0, None) * mask[:, :bins]
    salience = xp.clip(prominence @ comb - MIN_SALIENCE, 0.0, None)
    likelihood = (salience / (HALF_SALIENCE + salience)) ** 2
    fit = xp.clip(likelihood @ teeth, None, MAX_FIT)
    above = (magnitude.shape[0], magnitude.shape[1] - bins)
    return xp.concat([fit, xp.zeros(above, dtype=fit.dtype, device=device(fit))], axis=1)


@lru_cache(maxsize=4)
def _combs(bins: int, bin_hz: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the weights of bins for fundamentals, and of fundamentals for bins."""
    count = round(F0S_PER_OCTAVE * np.log2(MAX_F0_HZ / MIN_F0_HZ))
    fundamental = MIN_F0_HZ * 2.0 ** (np.arange(count) / F0S_PER_OCTAVE)
    bin_frequency = bin_hz * np.arange(bins)[:, None]
    teeth = np.zeros((bins, count))
    gaps = np.zeros((bins, count))
    for harmonic in range(1, HARMONICS + 1):
        for matrix, frequency in (
            (teeth, fundamental * harmonic),
            (gaps, fundamental * (harmonic - 0.5)),
        ):
            spread = np.maximum(1.2 * bin_hz, 0.015 * frequency)
            bump = np.exp(-0.5 * ((bin_frequency - frequency) / spread) ** 2)
            bump = HARMONIC_DECAY ** (harmonic - 1) * bump
            matrix += np.where(frequency <= MAX_HARMONIC_HZ, bump, 0.0)
    comb = (teeth - GAP_WEIGHT * gaps).astype(np.float32)
    return comb, np.ascontiguousarray(teeth.T.astype(np.float32))
