"""Sample-rate conversion of tensors, on the device where they lie."""

from __future__ import annotations

import math

import torch
from torch.nn import functional

CUTOFF, SPREAD = 0.955, 0.009
"""Centre and standard deviation of the low-pass's edge, as shares of the lower Nyquist frequency:
it is flat to 0.91, and 131 dB down at 1."""
REACH_SECONDS = 0.03
"""Sound to either side that a sample depends on, at rates of 8 kHz and more."""
BLOCK_SECONDS = 0.9
"""Least sound whose spectrum is filtered at a time, without what is around it."""


def resample(samples: torch.Tensor, rate: int, new_rate: int) -> torch.Tensor:
    """Return sound at another rate; beyond its ends it is taken as silent.

    Blocks of it are filtered in their spectra, with as much around each as a sample depends on.

    Parameters
    ----------
    samples
        ``(n,)``.
    rate, new_rate
        Hz, 8000 or more.

    Returns
    -------
    torch.Tensor
        ``(round(n * new_rate / rate),)``, half rounded up; it begins at the same time.
    """
    length = (2 * len(samples) * new_rate + rate) // (2 * rate)
    if rate == new_rate or not length:
        return samples[:length]
    # In the shortest time that is whole samples at either rate.
    common = math.gcd(rate, new_rate)
    step, new_step = rate // common, new_rate // common
    around, core = math.ceil(REACH_SECONDS * common), math.ceil(BLOCK_SECONDS * common)
    count = -(-len(samples) // (core * step))
    after = (count * core + around) * step - len(samples)
    whole = functional.pad(samples, (around * step, after))
    blocks = whole.unfold(0, (core + 2 * around) * step, core * step)
    spectra = torch.fft.rfft(blocks)
    size, new_size = blocks.shape[1], (core + 2 * around) * new_step
    passed = (_response(min(size, new_size), samples.device) * (new_size / size)).to(samples.dtype)
    filtered = torch.fft.irfft(spectra[:, : len(passed)] * passed, new_size)
    return filtered[:, around * new_step : (around + core) * new_step].flatten()[:length]


def _response(size: int, device: torch.device) -> torch.Tensor:
    """Return the low-pass's response at the bins of ``size`` samples at the lower rate."""
    frequencies = torch.arange(size // 2 + 1, dtype=torch.float64, device=device) * (2 / size)
    return 0.5 * torch.special.erfc((frequencies - CUTOFF) / (math.sqrt(2) * SPREAD))
