"""Time-varying filters with no phase of their own, and loudness, on one grid of short frames."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import array_namespace
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.envelope import frames_at
from autovoice_core.conversion.retrieval.frames import beside, interpolated
from autovoice_core.conversion.retrieval.kernels import ConversionKernels
from autovoice_core.conversion.retrieval.mel_axis import positions

HALF_FRAME = 0.02
"""Half the length of a frame, s; frames are 4 hops long."""

LEAST_WEIGHT = 1e-3
"""What sums of windows are divided by at least, at the edges of a stretch."""


def fft_size(sample_rate: int) -> int:
    """Return the samples to which frames are filled up before they are transformed."""
    return int(2 ** math.ceil(math.log2(2.2 * round(HALF_FRAME * sample_rate))))


class FrameGrid:
    """Frames around given centres of a stretch of audio.

    Parameters
    ----------
    centres
        ``(frames,)`` sample positions in the stretch, ``HALF_FRAME / 2`` apart.
    length
        Samples of the stretch.
    """

    def __init__(
        self,
        centres: NDArray[np.int64],
        length: int,
        sample_rate: int,
        kernels: ConversionKernels,
    ) -> None:
        half = round(HALF_FRAME * sample_rate)
        self.size, self.fft_size = 2 * half, fft_size(sample_rate)
        self.frequencies = np.linspace(0.0, sample_rate / 2.0, self.fft_size // 2 + 1)
        self.starts = np.asarray(centres, np.int64) - half
        self.length, self.sample_rate, self.kernels = length, sample_rate, kernels
        self.window = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(self.size) + 0.5) / self.size)

    def spectra(self, signals: Any) -> Any:
        """Return ``(channels, frames, bins)`` of ``(channels, length)``."""
        xp = array_namespace(signals)
        frames = frames_at(signals, self.starts, self.size) * beside(signals, self.window)
        return xp.fft.rfft(frames, n=self.fft_size, axis=2)

    def signals(self, spectra: Any) -> Any:
        """Return the ``(channels, length)`` float32 whose spectra are nearest to ``spectra``."""
        total, weight = self.summed(spectra)
        return total / array_namespace(total).clip(weight, LEAST_WEIGHT, None)

    def summed(self, spectra: Any) -> tuple[Any, Any]:
        """Return the sum of windowed frames, and that of the squares of their windows.

        Shape: ``(channels, frames, bins)`` -> ``(channels, length)``, ``(1, length)`` float32.
        """
        xp = array_namespace(spectra)
        frames = xp.fft.irfft(spectra, n=self.fft_size, axis=2)[:, :, : self.size]
        window = beside(frames, self.window)
        total = self.kernels.overlap_add(frames * window, self.starts, self.length)
        squares = xp.broadcast_to(window * window, (1, *frames.shape[1:]))
        return total, self.kernels.overlap_add(squares, self.starts, self.length)

    def gains(self, log_power: Any) -> Any:
        """Return ``(frames, bins)`` amplitudes of log powers on the common axis."""
        xp = array_namespace(log_power)
        return xp.exp(0.5 * interpolated(log_power, positions(self.frequencies)))

    def loudness(self, spectra: Any) -> Any:
        """Return the energy of each frame where a voice is heard best, ``(channels, frames)``."""
        xp = array_namespace(spectra)
        power = xp.real(spectra) ** 2 + xp.imag(spectra) ** 2
        return xp.matmul(power, beside(power, audible(self.frequencies))[:, None])[..., 0]


def audible(frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how much the power at frequencies (Hz) counts for the loudness of a voice.

    The weighting is that of BS.1770, with what lies above 5 kHz left out: a consonant beside a
    vowel must not count as the vowel's.
    """
    low = (frequencies / 38.0) ** 4 / (1.0 + (frequencies / 38.0) ** 2) ** 2
    shelf = (1.0 + (1.585 * frequencies / 1500.0) ** 2) / (1.0 + (frequencies / 1500.0) ** 2)
    return low * shelf / (1.0 + (frequencies / 5000.0) ** 8)
