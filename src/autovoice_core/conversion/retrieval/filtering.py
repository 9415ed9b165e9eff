"""Zero-phase time-varying filters, and loudness, on one grid of short frames."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import array_namespace
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core.conversion.retrieval.excess import excess_bands
from autovoice_core.conversion.retrieval.frames import (
    Track,
    asarray_like,
    cut_frames,
    interpolated,
)
from autovoice_core.conversion.retrieval.kernels import ConversionKernels
from autovoice_core.conversion.retrieval.mel_axis import mel_positions

HALF_FRAME_SECONDS = 0.02
"""Half the length of a frame; frames are 4 hops long."""

MIN_WINDOW_SUM = 1e-3
"""Least sum of windows to divide by, at the edges of a signal."""

MAX_GAIN = 8.0
"""Limit of the gain that brings a frame to the source's loudness."""


def filter_fft_size(sample_rate: int) -> int:
    """Return the samples to which frames are padded before they are transformed."""
    return int(2 ** math.ceil(math.log2(2.2 * round(HALF_FRAME_SECONDS * sample_rate))))


class FrameGrid:
    """Frames around given centres of a signal.

    Parameters
    ----------
    centres
        ``(frames,)`` sample positions in the signal, ``HALF_FRAME_SECONDS / 2`` apart.
    length
        Samples of the signal.
    like
        An array of the library, device and dtype of the signal.
    """

    def __init__(
        self,
        centres: NDArray[np.int64],
        length: int,
        sample_rate: int,
        kernels: ConversionKernels,
        like: Any,
    ) -> None:
        half = round(HALF_FRAME_SECONDS * sample_rate)
        self.length, self.sample_rate, self.kernels = length, sample_rate, kernels
        self.size, self.fft_size = 2 * half, filter_fft_size(sample_rate)
        self.starts = np.asarray(centres, np.int64) - half
        window = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(self.size) + 0.5) / self.size)
        frequencies = np.linspace(0.0, sample_rate / 2.0, self.fft_size // 2 + 1)
        self.window_energy = float(np.sum(window**2))
        self._mel_positions = mel_positions(frequencies)
        self._window = asarray_like(like, window)
        self._loudness_weights = asarray_like(like, loudness_weights(frequencies))[:, None]
        self._bands = asarray_like(like, excess_bands(frequencies))

    def spectra(self, signals: Any) -> Any:
        """Return ``(channels, frames, bins)`` of ``(channels, length)``."""
        frames = cut_frames(signals, self.starts, self.size) * self._window
        return array_namespace(signals).fft.rfft(frames, n=self.fft_size, axis=2)

    def signals(self, spectra: Any) -> Any:
        """Return the ``(channels, length)`` float32 whose spectra are nearest to ``spectra``."""
        total, weight = self.overlap_added(spectra)
        return total / array_namespace(total).clip(weight, MIN_WINDOW_SUM, None)

    def overlap_added(self, spectra: Any) -> tuple[Any, Any]:
        """Return the sum of windowed frames, and that of the squares of their windows.

        Shape: ``(channels, frames, bins)`` -> ``(channels, length)``, ``(1, length)`` float32.
        """
        xp, window = array_namespace(spectra), self._window
        frames = xp.fft.irfft(spectra, n=self.fft_size, axis=2)[:, :, : self.size]
        total = self.kernels.overlap_add(frames * window, self.starts, self.length)
        squares = xp.broadcast_to(window * window, (1, *frames.shape[1:]))
        return total, self.kernels.overlap_add(squares, self.starts, self.length)

    def gains(self, log_power: Any) -> Any:
        """Return ``(frames, bins)`` amplitudes of log powers on the mel axis."""
        xp = array_namespace(log_power)
        return xp.exp(0.5 * interpolated(log_power, self._mel_positions))

    def loudness(self, spectra: Any) -> NDArray[Any]:
        """Return the loudness of each frame as a power, ``(channels, frames)`` on the host."""
        xp = array_namespace(spectra)
        power = xp.real(spectra) ** 2 + xp.imag(spectra) ** 2
        return as_numpy(xp.matmul(power, self._loudness_weights)[..., 0])

    def band_power(self, spectra: Any) -> NDArray[Any]:
        """Return the power of each frame in :data:`EXCESS_BANDS`, ``(frames, bands)``.

        It is the mean over channels, on the host.
        """
        xp = array_namespace(spectra)
        power = xp.mean(xp.real(spectra) ** 2 + xp.imag(spectra) ** 2, axis=0)
        return as_numpy(xp.matmul(power, self._bands))

    def band_gains(self, gains: Track) -> Any:
        """Return ``(frames, bins)`` amplitudes of ``(frames, bands)``, 1 below the bands."""
        xp = array_namespace(self._bands)
        return 1.0 - xp.matmul(asarray_like(self._bands, 1.0 - gains), self._bands.T)


def loudness_weights(frequencies: Track) -> Track:
    """Return how much the power at frequencies (Hz) counts for the loudness of a voice.

    The weighting is that of BS.1770, without what lies above 5 kHz: a consonant next to a vowel
    must not count as the vowel's.
    """
    low = (frequencies / 38.0) ** 4 / (1.0 + (frequencies / 38.0) ** 2) ** 2
    shelf = (1.0 + (1.585 * frequencies / 1500.0) ** 2) / (1.0 + (frequencies / 1500.0) ** 2)
    return low * shelf / (1.0 + (frequencies / 5000.0) ** 8)


def follow_loudness(source: Track, sound: Track) -> Track:
    """Return the gain of each frame that brings a sound to the source's loudness, ``(frames,)``."""
    gain: Track = np.minimum(np.sqrt(source / (sound + 1e-20)), MAX_GAIN)
    return gain
