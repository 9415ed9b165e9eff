"""The melody that is sung, as the networks take it: f0 by frame, phase by sample."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_rvc.architecture import FRAMES_PER_SECOND


def f0_of_frames(
    contour: F0Contour, start: int, stop: int, frames_per_second: int = FRAMES_PER_SECOND
) -> NDArray[np.float32]:
    """Return f0 in Hz, moved by the key, at consecutive frames; 0 where unvoiced. ``(frames,)``."""
    f0, voiced = contour.at(np.arange(start, stop) / frames_per_second)
    return np.where(voiced, f0 * contour.ratio, 0.0).astype(np.float32)


def phase_of_samples(
    contour: F0Contour, sample_rate: int, start: int, stop: int, device: str = "cpu"
) -> torch.Tensor:
    """Return the phase in cycles, 0 to 1, of samples at ``sample_rate``. ``(samples,)``."""
    places = torch.arange(start, stop, dtype=torch.float64, device=device)
    cycles: torch.Tensor = contour.phase(places / sample_rate)
    return (cycles - cycles.floor()).to(torch.float32)
