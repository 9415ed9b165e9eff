"""Inputs of the networks that the reference's numbers in ``tests/data`` belong to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from autovoice_rvc.architecture import Architecture
from autovoice_rvc.networks.sine_source import excitation

FRAMES, SPEAKER = 36, 3
"""More frames than attention knows distances of."""
KEPT = 64
"""Values of each output that are kept."""


class Inputs(NamedTuple):
    content: torch.Tensor
    f0: torch.Tensor
    noise: torch.Tensor
    source_noise: torch.Tensor


def inputs_of(architecture: Architecture, frames: int = FRAMES, seed: int = 0) -> Inputs:
    """Return content, a pitch that moves and stops, and the noises."""
    generator = np.random.default_rng(seed)
    shapes = (
        (1, frames, architecture.content_size),
        (1, 192, frames),
        (1, frames * architecture.hop),
    )
    content, noise, source = (
        torch.from_numpy(generator.standard_normal(shape, np.float32)) for shape in shapes
    )
    frame = np.arange(frames)
    f0 = np.where(frame % 17 < 12, 220 * 2 ** np.sin(frame / 9), 0).astype(np.float32)
    return Inputs(content / 2, torch.from_numpy(f0)[None], noise, source)


def excitation_of(architecture: Architecture, inputs: Inputs) -> torch.Tensor:
    """Return the excitation whose phase is 0 before the first sample."""
    f0 = inputs.f0.repeat_interleave(architecture.hop, dim=1)
    phase = torch.cumsum(f0.double() / architecture.sample_rate, dim=1)
    return excitation(f0, phase, inputs.source_noise)


def noisy_tones(samples: int = 16_123, seed: int = 0) -> torch.Tensor:
    """Return tones that swell, and noise, at 16 kHz, ``(1, samples)``."""
    time = np.arange(samples) / 16_000
    noise = np.random.default_rng(seed).standard_normal(samples)
    tones = sum(np.sin(2 * np.pi * 180 * k * time) / k for k in range(1, 6))
    sound = (0.1 * tones + 0.05 * noise) * np.abs(np.sin(5 * time))
    return torch.from_numpy(sound.astype(np.float32))[None]


def kept(output: torch.Tensor) -> NDArray[np.float32]:
    """Return values that are evenly spread over an output."""
    flat = output.flatten().numpy()
    return np.asarray(flat[np.linspace(0, len(flat) - 1, KEPT).astype(int)], np.float32)


def saliences(frames: int = 40, seed: int = 0) -> torch.Tensor:
    """Return peaks at random classes, of which some are too low to be voiced, ``(1, frames, 360)``.

    The first two frames are strongest at the two ends.
    """
    generator = np.random.default_rng(seed)
    peaks = np.r_[0, 359, generator.uniform(0, 359, frames - 2)]
    heights = np.r_[0.9, 0.9, generator.choice([0.02, 0.04, 0.9], frames - 2)]
    away = np.arange(360) - peaks[:, None]
    values = heights[:, None] * np.exp(-(away**2) / 8) + generator.uniform(0, 0.005, (frames, 360))
    return torch.from_numpy(values.astype(np.float32))[None]
