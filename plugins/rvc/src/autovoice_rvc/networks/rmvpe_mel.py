"""The mel spectrogram that RMVPE was trained on."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch

RATE, HOP, FFT, MELS = 16_000, 160, 1024, 128
FMIN, FMAX = 30.0, 8000.0
FLOOR = 1e-5
"""Least magnitude, below which the logarithm is cut."""


def log_mel(samples: torch.Tensor) -> torch.Tensor:
    """Return the logarithm of mel magnitudes, ``(1, n) -> (1, 128, n // 160 + 1)``.

    ``samples`` are at 16 kHz, at least 513 of them, since half a window is mirrored at both ends;
    frame ``i`` is centred on sample ``160 i``.
    """
    window = torch.hann_window(FFT, device=samples.device)
    spectrum = torch.stft(samples, FFT, HOP, window=window, return_complex=True)
    magnitude = torch.sqrt(spectrum.real**2 + spectrum.imag**2)
    return torch.log((_filters().to(samples.device) @ magnitude).clamp(min=FLOOR))


@cache
def _filters() -> torch.Tensor:
    """Triangles of equal area, equally spaced on the mel scale of the HTK, ``(128, 513)``."""
    lowest, highest = (2595 * np.log10(1 + edge / 700) for edge in (FMIN, FMAX))
    edges = 700 * (10 ** (np.linspace(lowest, highest, MELS + 2) / 2595) - 1)
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bins = np.fft.rfftfreq(FFT, 1 / RATE)
    rising, falling = (bins - low) / (centre - low), (high - bins) / (high - centre)
    triangles = np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low)
    return torch.from_numpy(triangles.astype(np.float32))
