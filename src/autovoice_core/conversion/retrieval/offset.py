"""Removal of an offset (DC) and of what moves as slowly, which a voice's filters would amplify.

What lies below about 15 Hz is subtracted: the average of the sound under a Blackman-Harris window
of 0.1 s (F. J. Harris, "On the use of windows for harmonic analysis with the discrete Fourier
transform", Proceedings of the IEEE 66, 1978), which passes nothing above -92 dB from 40 Hz on, the
lowest f0 that is tracked. Phases stay.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from array_api_compat import array_namespace
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.frames import asarray_like, take_rows

OFFSET_REACH_SECONDS = 0.05
"""Seconds on either side of a sample that its offset is found in."""

MIN_MEAN_SECONDS = 0.025
"""Seconds of sound whose mean is its offset, where there are less than a window."""

_TAPS = 20  # steps under the window; between steps the average is interpolated
_BLACKMAN_HARRIS = (0.35875, -0.48829, 0.14128, -0.01168)


def without_offset(samples: Any, start: int, sample_rate: int) -> Any:
    """Return ``samples`` without their offset.

    Where the window would reach beyond an end, the nearest average holds. Of sound shorter than
    the window the mean is subtracted, and nothing of one shorter than a period of 40 Hz.

    Parameters
    ----------
    samples
        ``(channels, n)`` float32.
    start
        Position of the first one in the song: averages lie where they lie in the whole of it.
    sample_rate
        Hz.
    """
    xp, (channels, count) = array_namespace(samples), samples.shape
    step = round(2 * OFFSET_REACH_SECONDS / _TAPS * sample_rate)
    before = start % step
    first, last = -(-before // step), (before + count) // step - _TAPS
    if last < first:
        enough = count >= MIN_MEAN_SECONDS * sample_rate
        return samples - xp.mean(samples, axis=1, keepdims=True) if enough else samples
    averages = _averages(samples[:, first * step - before : (last + _TAPS) * step - before], step)
    # One for the beginning of each step, and of the one after the last sample.
    places = np.arange((before + count) // step + 2) - (first + _TAPS // 2)
    averages = take_rows(averages, np.clip(places, 0, last - first))
    change = averages[1:, :] - averages[:-1, :]
    rise = asarray_like(samples, np.arange(step) / step)[:, None]
    offset = averages[:-1, None, :] + rise * change[:, None, :]
    offset = xp.reshape(offset, (-1, channels))[before : before + count, :]
    return samples - xp.matrix_transpose(offset)


def _averages(samples: Any, step: int) -> Any:
    """Return the averages under windows that begin with each step and lie within ``samples``.

    Shape: ``(channels, steps * step)`` -> ``(steps + 1 - _TAPS, channels)``.
    """
    xp, (channels, count) = array_namespace(samples), samples.shape
    cut = xp.reshape(samples, (channels, count // step, step))
    parts = xp.permute_dims(xp.matmul(cut, asarray_like(samples, _window(step))), (1, 0, 2))
    size = parts.shape[0] + 1 - _TAPS
    total = parts[:size, :, 0]
    for tap in range(1, _TAPS):
        total = total + parts[tap : tap + size, :, tap]
    return total


@lru_cache(8)
def _window(step: int) -> NDArray[np.float64]:
    """Return the window, ``(step, _TAPS)``, of sum 1."""
    size = _TAPS * step
    angle = 2 * np.pi * (np.arange(size) + 0.5) / size
    window = sum(part * np.cos(k * angle) for k, part in enumerate(_BLACKMAN_HARRIS))
    return np.asarray(window / np.sum(window)).reshape(_TAPS, step).T
