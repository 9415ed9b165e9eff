"""Where the harmonics of likely fundamentals lie, for one singer or a choir.

How likely a fundamental is, is the sum of what stands out at its harmonics, less what stands out
between them, as Camacho and Harris weigh them ("A sawtooth waveform inspired pitch estimator",
JASA 2008). All likely ones are kept, so nothing has to be decided, and several may sing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from array_api_compat import device
from numpy.typing import NDArray

from autovoice_core.separation.wrpca.smoothing import triangle

LOWEST, HIGHEST = 75.0, 1050.0
"""Fundamentals, Hz."""
STEPS = 60
"""Fundamentals tried in an octave."""
TOP = 5_000.0
"""Harmonics are looked for up to this frequency, Hz."""
HARMONICS, DECAY = 12, 0.85
"""How many harmonics count, and how much less each counts than the one before."""
BETWEEN = 0.5
"""How much counts against a fundamental what lies between its harmonics."""
FAINT, CLEAR = 2.0, 4.0
"""Salience from which a fundamental is considered, and how far above it is half believed."""
MOST = 6.0
"""The largest support that a bin can have."""


def support(xp: Any, magnitude: Any, share: Any, width: float) -> Any:
    """Return how well each bin fits the harmonics of its frame, 0 to :data:`MOST`.

    Shape: ``(frames, bins)`` float32 twice, the second the voice's share so far -> the same.
    """
    bins = min(magnitude.shape[1], int(TOP / width))
    comb, teeth = (
        xp.asarray(matrix, device=device(magnitude)) for matrix in _combs(bins, round(width, 6))
    )
    floor = 1e-3 * float(xp.mean(magnitude**2)) ** 0.5
    level = xp.log(magnitude[:, :bins] + floor)
    standing_out = xp.clip(level - triangle(xp, level, 8, 1), 0.0, None) * share[:, :bins]
    salience = xp.clip(standing_out @ comb - FAINT, 0.0, None)
    belief = (salience / (CLEAR + salience)) ** 2
    fit = xp.clip(belief @ teeth, None, MOST)
    above = (magnitude.shape[0], magnitude.shape[1] - bins)
    return xp.concat([fit, xp.zeros(above, dtype=fit.dtype, device=device(fit))], axis=1)


@lru_cache(maxsize=4)
def _combs(bins: int, width: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return weights of bins for fundamentals, and of fundamentals for bins."""
    count = round(STEPS * np.log2(HIGHEST / LOWEST))
    fundamental = LOWEST * 2.0 ** (np.arange(count) / STEPS)
    place = width * np.arange(bins)[:, None]
    teeth = np.zeros((bins, count))
    gaps = np.zeros((bins, count))
    for harmonic in range(1, HARMONICS + 1):
        for matrix, frequency in (
            (teeth, fundamental * harmonic),
            (gaps, fundamental * (harmonic - 0.5)),
        ):
            spread = np.maximum(1.2 * width, 0.015 * frequency)
            bump = DECAY ** (harmonic - 1) * np.exp(-0.5 * ((place - frequency) / spread) ** 2)
            matrix += np.where(frequency <= TOP, bump, 0.0)
    comb = (teeth - BETWEEN * gaps).astype(np.float32)
    return comb, np.ascontiguousarray(teeth.T.astype(np.float32))
