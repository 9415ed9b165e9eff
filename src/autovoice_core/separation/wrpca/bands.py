"""Bands of bins: as fine as bins where harmonics lie close, coarser above."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

ZONES = ((256, 1), (256, 2), (512, 4))
"""Bins from the lowest on, and how many of them make a band: up to 2.8, 5.5 and 11 kHz."""
BINS = sum(bins for bins, _ in ZONES)
"""Bins that lie in bands."""
BANDS = sum(bins // each for bins, each in ZONES)
"""Number of bands."""
BINS_PER_BAND: NDArray[np.float32] = np.concatenate(
    [np.full(bins // each, each, np.float32) for bins, each in ZONES]
)
"""``(BANDS,)``."""


def band_sums(xp: Any, values: Any) -> Any:
    """Return the sums of the bins of each band: ``(frames, BINS)`` -> ``(frames, BANDS)``."""
    parts, first = [], 0
    for bins, each in ZONES:
        zone = xp.reshape(values[:, first : first + bins], (values.shape[0], bins // each, each))
        parts.append(xp.sum(zone, axis=2))
        first += bins
    return xp.concat(parts, axis=1)


def bins_of_bands(xp: Any, values: Any) -> Any:
    """Return the value of each bin's band: ``(frames, BANDS)`` -> ``(frames, BINS)``."""
    parts, first = [], 0
    for bins, each in ZONES:
        bands = bins // each
        zone = values[:, first : first + bands][:, :, None]
        zone = xp.broadcast_to(zone, (values.shape[0], bands, each))
        parts.append(xp.reshape(zone, (values.shape[0], bins)))
        first += bands
    return xp.concat(parts, axis=1)
