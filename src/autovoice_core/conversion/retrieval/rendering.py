"""Rendering of windows: voiced sound, and unvoiced (consonants, breaths), as loud as the source."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace, device
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.analysis import AnalysedWindow, VoiceFrames
from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_core.conversion.retrieval.filtering import FrameGrid, follow_loudness
from autovoice_core.conversion.retrieval.frames import (
    FRAME_RATE,
    SMOOTH_50_MS,
    Track,
    hann,
    per_sample,
    smoothed,
)
from autovoice_core.conversion.retrieval.kernels import ConversionKernels
from autovoice_core.conversion.retrieval.substitution import LEVEL_REACH
from autovoice_core.conversion.retrieval.synthesis import synthesise


class WindowRenderer:
    """Renders the windows of one song.

    Parameters
    ----------
    colouring
        ``(1, POINTS)`` log power to add to unvoiced sound.
    phase_envelope
        ``(1, POINTS)`` log power, whose minimum phase harmonics have.
    melody
        The f0 to sing; without one the source's is kept, and the source is filtered.
    seed
        Determines the noise of what is synthesised.
    """

    def __init__(
        self,
        colouring: Any,
        phase_envelope: Any,
        melody: F0Contour | None,
        kernels: ConversionKernels,
        seed: int,
    ) -> None:
        self._colouring, self._phase_envelope = colouring, phase_envelope
        self._melody, self._kernels, self._seed = melody, kernels, seed

    def render(self, window: AnalysedWindow, target: VoiceFrames | None) -> Any:
        """Return ``(channels, n)`` samples of the window, whose voiced frames become ``target``."""
        length, rate = window.samples.shape[1], window.sample_rate
        grid = FrameGrid(window.centres, length, rate, self._kernels, window.samples)
        spectra = grid.spectra(window.samples)
        loudness = grid.loudness(spectra)
        unvoiced = grid.signals(spectra * grid.gains(self._colouring)[None, ...])
        unvoiced = _at_loudness(unvoiced, loudness, 1.0 - window.voiced_share, grid)
        if window.frames is None or target is None:
            return unvoiced
        if self._melody is None:
            change = envelope_change(window.frames, target)
            voiced = grid.signals(spectra * grid.gains(change)[None, ...])
        else:
            voiced = self._synthesised(window, target, self._melody, grid)
        return unvoiced + _at_loudness(voiced, loudness, window.voiced_share, grid, LEVEL_REACH)

    def _synthesised(
        self, window: AnalysedWindow, target: VoiceFrames, melody: F0Contour, grid: FrameGrid
    ) -> Any:
        xp, begin = array_namespace(window.samples), window.start
        samples = xp.arange(
            begin, begin + grid.length, dtype=xp.float64, device=device(window.samples)
        )
        phase = melody.phase(samples / window.sample_rate)
        f0 = melody.ratio * melody.at(window.numbers / FRAME_RATE)[0]
        return synthesise(target, self._phase_envelope, f0, phase, begin, grid, self._seed)


def envelope_change(source: VoiceFrames, target: VoiceFrames) -> Any:
    """Return the log power ``(frames, POINTS)`` of the filter that turns source into target."""
    return smoothed(target.envelope - source.envelope, SMOOTH_50_MS)


def _at_loudness(
    sound: Any, loudness: NDArray[Any], share: Track, grid: FrameGrid, reach: int = 0
) -> Any:
    """Return ``sound`` at the loudness of the source, times its ``share`` of each frame.

    Loudness is compared over ``reach`` frames on either side. A single channel is distributed
    over the source's, as loud as each; several keep their balance.

    Shape: ``(1 or channels, length)``, ``(channels, frames)``, ``(frames,)``.
    """
    own = grid.loudness(grid.spectra(sound)).mean(axis=0)
    total = loudness.mean(axis=0)
    gain = follow_loudness(total, own, lambda both: smoothed(share[:, None] * both, hann(reach)))
    balance = np.ones((1, total.size))
    if loudness.shape[0] != sound.shape[0]:
        balance = np.sqrt(loudness / (total + 1e-20))
    xp, tracks = array_namespace(sound), np.concatenate([share[None, :], gain * balance])
    tracks = per_sample(xp.asarray(tracks, device=device(sound)), grid.length, grid.sample_rate)
    return sound * xp.astype(tracks[:1, :] * tracks[1:, :], sound.dtype)
