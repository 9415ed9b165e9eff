"""Rumble below the voice, filtered out as RVC does it, on the device where the sound lies."""

from __future__ import annotations

import numpy as np
import torch
from scipy import signal
from torch.nn import functional

from autovoice_rvc.networks.contentvec import RATE

FILTER = signal.butter(5, 48.0, "highpass", fs=RATE, output="sos")
MIRRORED = 18
"""Samples added at either end, as `scipy.signal.sosfiltfilt` does for this filter."""
_TAPS = 1 << 12  # after which the filter's response is down to 1e-12
_BLOCK = 1 << 14
_RESPONSE = np.fft.rfft(signal.sosfilt(FILTER, signal.unit_impulse(_TAPS)), _BLOCK).astype(
    np.complex64
)


def without_rumble(samples: torch.Tensor) -> torch.Tensor:
    """Return ``(n,)`` at 16 kHz, n over :data:`MIRRORED`, filtered forwards and backwards.

    It is what ``scipy.signal.sosfiltfilt`` returns, with blocks filtered in their spectra.
    """
    before = 2 * samples[0] - samples[1 : MIRRORED + 1].flip(0)
    after = 2 * samples[-1] - samples[-MIRRORED - 1 : -1].flip(0)
    wide = torch.cat([before, samples, after])
    for _ in range(2):
        wide = _filtered(wide).flip(0)
    return wide[MIRRORED:-MIRRORED]


def _filtered(samples: torch.Tensor) -> torch.Tensor:
    """Return what the filter makes of samples, the first of which had always been there."""
    step = _BLOCK - _TAPS
    after = -len(samples) % step
    whole = functional.pad(samples[None], (_TAPS, 0), mode="replicate")[0]
    blocks = functional.pad(whole, (0, after)).unfold(0, _BLOCK, step)
    response = torch.from_numpy(_RESPONSE).to(samples.device)
    found = torch.fft.irfft(torch.fft.rfft(blocks) * response, _BLOCK)
    return found[:, _TAPS:].flatten()[: len(samples)]
