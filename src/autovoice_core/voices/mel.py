"""The mel spectrogram that networks for speech take: at 16 kHz, 100 frames a second."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
WINDOW = 400
HOP = 160
MELS = 40

_LINEAR_HZ = 1000.0  # the scale is linear below, logarithmic above
_HZ_PER_MEL = 200.0 / 3
_MELS_PER_OCTAVE = 27 / np.log2(6.4)


def mel_spectrogram(samples: NDArray[np.float32], mels: int = MELS) -> NDArray[np.float32]:
    """Return the power (not its logarithm) in mel bands.

    Parameters
    ----------
    samples
        ``(samples,)`` at 16 kHz.
    mels
        The number of bands; by default as many as the speaker encoder takes.

    Returns
    -------
    NDArray[np.float32]
        ``(1 + samples // 160, mels)``; frame ``i`` is centred on sample ``160 * i``.
    """
    half = WINDOW // 2
    padded = np.pad(samples, (half, half))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    power = np.abs(np.fft.rfft(frames * hann)) ** 2
    return (power @ _filters(mels).T).astype(np.float32)


@cache
def _filters(mels: int) -> NDArray[np.float64]:
    """Return triangles of equal area on the mel scale of Slaney's Auditory Toolbox (1998).

    ``(mels, 201)``: the scale is linear up to 1 kHz and logarithmic above.
    """
    edges = _hertz(np.linspace(0, _mel(SAMPLE_RATE / 2), mels + 2))
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bins = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE)
    rising, falling = (bins - low) / (centre - low), (high - bins) / (high - centre)
    return np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low)


def _mel(hertz: float) -> float:
    return _LINEAR_HZ / _HZ_PER_MEL + float(_MELS_PER_OCTAVE * np.log2(hertz / _LINEAR_HZ))


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    above = mels - _LINEAR_HZ / _HZ_PER_MEL
    return np.where(above < 0, mels * _HZ_PER_MEL, _LINEAR_HZ * 2 ** (above / _MELS_PER_OCTAVE))
