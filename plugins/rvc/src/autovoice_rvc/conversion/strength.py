"""Strength: what is sung, with a timbre between the source's and the voice's."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.analysis import analyse
from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_core.conversion.retrieval.filtering import FrameGrid
from autovoice_core.conversion.retrieval.frames import FRAME_RATE, sample_positions

REACH = 0.1
"""Seconds around a moment on which its filter depends."""
MAX_LOG_POWER = 9.0
"""Most by which a filter changes the power at a frequency: 39 dB."""
_APART = 5
"""Frames from one to the next that does not overlap with it, wherever they are rounded to."""


class _OverlapAdd:
    """The one kernel that filtering needs, see :class:`ConversionKernels`."""

    @staticmethod
    def overlap_add(frames: torch.Tensor, starts: NDArray[np.int64], length: int) -> torch.Tensor:
        channels, _, size = frames.shape
        total = frames.new_zeros(channels, length + 2 * size)
        first = torch.from_numpy(np.clip(starts, -size, length) + size).to(frames.device)
        places = first[:, None] + torch.arange(size, device=frames.device)
        # Frames of 4 hops; those of every fifth don't overlap, so that sums have one order.
        for number in range(_APART):
            every = slice(number, None, _APART)
            total[:, places[every]] += frames[:, every]
        return total[:, size : size + length]


def nearer_to_source(
    voice: torch.Tensor,
    source: torch.Tensor,
    sample_rate: int,
    start: int,
    contour: F0Contour,
    strength: float,
) -> torch.Tensor:
    """Return ``voice`` with a mean of its envelopes and the source's, in dB.

    Envelopes are those of CheapTrick (Morise, Speech Communication 2015), so pitch and level of
    either do not matter.

    Parameters
    ----------
    voice, source
        ``(n,)`` each.
    sample_rate, start
        Hz, and the position of the first sample in the song.
    contour
        f0 of the source, with the key of the voice.
    strength
        Share of the voice's own envelope, 0 to 1.
    """
    first = start * FRAME_RATE // sample_rate
    numbers = first + np.arange(len(voice) * FRAME_RATE // sample_rate + 2)
    centres = sample_positions(numbers, sample_rate) - start
    f0, voiced = contour.at(numbers / FRAME_RATE)
    own = analyse(voice[None], centres, f0 * contour.ratio, voiced, sample_rate).envelope
    other = analyse(source[None], centres, f0, voiced, sample_rate).envelope
    change = ((1 - strength) * (other - own)).clamp(-MAX_LOG_POWER, MAX_LOG_POWER)
    grid = FrameGrid(centres, len(voice), sample_rate, _OverlapAdd(), voice)  # type: ignore[arg-type]
    found: torch.Tensor = grid.signals(grid.spectra(voice[None]) * grid.gains(change))
    return found[0]
