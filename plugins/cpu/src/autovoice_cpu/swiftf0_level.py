"""Energies of frames, and sound brought to one level, since the network depends on the level."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from autovoice_cpu.swiftf0_frames import HOP, RATE

LEVEL_DB = -20.0
"""Level that the loudest frame of the surroundings is brought to; -25 to -5 serve as well."""
MAX_GAIN_DB = 60.0
SURROUNDINGS = round(1.0 * RATE / HOP)
"""Frames to either side in which the loudest is looked for."""
SMOOTHING = round(0.25 * RATE / HOP)
"""Frames to either side over which the gain is averaged."""


def frame_energies(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the mean energy of the two hops around each frame, less their mean: ``(frames,)``."""
    count = len(samples) // HOP
    hops = samples[: count * HOP].reshape(count, HOP).astype(np.float64)
    total, square = hops.sum(axis=1), (hops * hops).sum(axis=1)
    total[1:], square[1:] = total[1:] + total[:-1], square[1:] + square[:-1]
    size = np.full(count, 2.0 * HOP)
    size[:1] = HOP
    energy: NDArray[np.float64] = np.maximum(square / size - (total / size) ** 2, 0.0)
    return energy


def loudest_nearby(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the largest of non-negative values within the surroundings of each frame."""
    padded = np.pad(values, SURROUNDINGS)
    loudest: NDArray[np.float64] = sliding_window_view(padded, 2 * SURROUNDINGS + 1).max(axis=1)
    return loudest


def level(samples: NDArray[np.float32], energy: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the samples with the loudest frame nearby at :data:`LEVEL_DB`."""
    loudest_db = 10 * np.log10(np.maximum(loudest_nearby(energy), 1e-14))
    padded = np.pad(loudest_db, SMOOTHING, mode="edge")
    smooth = sliding_window_view(padded, 2 * SMOOTHING + 1).mean(axis=1)
    gain_db = np.minimum(LEVEL_DB - smooth, MAX_GAIN_DB)
    at = np.interp(np.arange(len(samples)), np.arange(len(energy)) * HOP, gain_db)
    levelled: NDArray[np.float32] = (samples * 10 ** (at / 20)).astype(np.float32)
    return levelled
