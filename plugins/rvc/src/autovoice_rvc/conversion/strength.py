"""Strength: what is sung, with a timbre between the source's and the voice's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.analysis import analyse
from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_core.conversion.retrieval.filtering import FrameGrid
from autovoice_core.conversion.retrieval.frames import FRAME_RATE, sample_positions

REACH = 0.1
"""Seconds around a moment on which its filter depends."""
MAX_LOG_POWER = 9.0
"""Most by which a filter changes the power at a frequency: 39 dB."""


class _OverlapAdd:
    """The one kernel that filtering needs, see :class:`ConversionKernels`."""

    @staticmethod
    def overlap_add(
        frames: NDArray[np.float32], starts: NDArray[np.int64], length: int
    ) -> NDArray[np.float32]:
        size = frames.shape[2]
        total = np.zeros((frames.shape[0], length + 2 * size), np.float32)
        for number, start in enumerate(np.clip(starts, -size, length).tolist()):
            total[:, start + size : start + 2 * size] += frames[:, number]
        return total[:, size : size + length]


def nearer_to_source(
    voice: NDArray[np.float32],
    source: NDArray[np.float32],
    sample_rate: int,
    start: int,
    contour: F0Contour,
    strength: float,
) -> NDArray[np.float32]:
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
    change = np.clip((1 - strength) * (other - own), -MAX_LOG_POWER, MAX_LOG_POWER)
    grid = FrameGrid(centres, len(voice), sample_rate, _OverlapAdd(), voice)  # type: ignore[arg-type]
    found = grid.signals(grid.spectra(voice[None]) * grid.gains(change))
    return np.asarray(found[0], np.float32)
