"""The excitation of the decoder: a sine at the pitch, and noise.

It is the source of a neural source-filter model (Wang, Takaki and Yamagishi 2019,
https://arxiv.org/abs/1904.12088) with the fundamental alone.
"""

from __future__ import annotations

import math

import torch

SINE = 0.1
VOICED_NOISE, UNVOICED_NOISE = 0.003, SINE / 3
FMIN, FMAX = 50.0, 1100.0
"""Range of the coarse pitch, Hz; what lies outside takes the first or the last step."""
FIRST, LAST = 1, 255


def excitation(f0: torch.Tensor, phase: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """Return the source of each sample, in float32.

    Parameters
    ----------
    f0
        Hz at every sample, 0 where unvoiced; ``(1, samples)``.
    phase
        Of the sine, in cycles, of which only the fraction matters; ``(1, samples)``. In float32 it
        should be kept below some cycles, as the sine is no more exact than the phase.
    noise
        Standard normal; ``(1, samples)``.
    """
    voiced = f0 > 0
    sine = SINE * torch.sin(2 * math.pi * phase).to(torch.float32)
    return torch.where(voiced, sine + VOICED_NOISE * noise, UNVOICED_NOISE * noise)


def coarse_pitch(f0: torch.Tensor) -> torch.Tensor:
    """Return the step of the pitch embedding, 1 to 255 in int64, of each f0 in Hz.

    Steps are equal on the mel scale of O'Shaughnessy (1987). Unvoiced frames, of 0 Hz, take the
    first.
    """
    lowest, highest = (1127 * math.log1p(edge / 700) for edge in (FMIN, FMAX))
    mel = 1127 * torch.log1p(f0.to(torch.float64) / 700)
    step = FIRST + (mel - lowest) * ((LAST - FIRST) / (highest - lowest))
    return step.clamp(FIRST, LAST).round().to(torch.int64)
