"""Rendering of windows: voiced sound, and unvoiced (consonants, breaths), as loud as the source."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace, device
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.analysis import AnalysedWindow, VoiceFrames
from autovoice_core.conversion.retrieval.excess import SOURCE_REACH, excess_gains
from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_core.conversion.retrieval.filtering import FrameGrid, follow_loudness
from autovoice_core.conversion.retrieval.frames import (
    FRAME_RATE,
    SMOOTH_30_MS,
    Track,
    hann,
    per_sample,
    smoothed,
)
from autovoice_core.conversion.retrieval.kernels import ConversionKernels
from autovoice_core.conversion.retrieval.polarity import channel_polarity
from autovoice_core.conversion.retrieval.synthesis import synthesise
from autovoice_core.conversion.retrieval.timbre import Timbre
from autovoice_core.conversion.retrieval.unvoiced import UnvoicedMap


class WindowRenderer:
    """Renders the windows of one song.

    Parameters
    ----------
    unvoiced
        What unvoiced sound becomes; without it, such sound stays as it is.
    timbre
        How much of that.
    phase_envelope
        ``(1, POINTS)`` log power, whose minimum phase harmonics have.
    melody
        The f0 to sing; without one the source's is kept, and the source is filtered.
    seed
        Determines the noise of what is synthesised.
    """

    def __init__(
        self,
        unvoiced: UnvoicedMap | None,
        timbre: Timbre,
        phase_envelope: Any,
        melody: F0Contour | None,
        kernels: ConversionKernels,
        seed: int,
    ) -> None:
        self._unvoiced, self._timbre, self._phase_envelope = unvoiced, timbre, phase_envelope
        self._melody, self._kernels, self._seed = melody, kernels, seed

    def render(self, window: AnalysedWindow, target: VoiceFrames | None) -> Any:
        """Return ``(channels, n)`` samples of the window, whose voiced frames become ``target``.

        There is no target where nothing is voiced.
        """
        length, rate = window.samples.shape[1], window.sample_rate
        grid = FrameGrid(window.centres, length, rate, self._kernels, window.samples)
        spectra = grid.spectra(window.samples)
        bands = smoothed(grid.band_power(spectra), hann(SOURCE_REACH))
        polarity = None
        if self._melody is not None:
            polarity = channel_polarity(window.samples, window.centres, rate)
        source = _Levels(grid.loudness(spectra), bands, polarity)
        unvoiced = window.samples
        if self._unvoiced is not None:
            change = self._timbre.strength * self._unvoiced.change(window.frames.envelope)
            unvoiced = grid.signals(spectra * grid.gains(change)[None, ...])
        voiced_share, unvoiced_share = window.voiced_share, 1.0 - window.voiced_share
        if self._melody is not None:
            voiced_share, unvoiced_share = equal_power(voiced_share)
        unvoiced = _at_loudness(unvoiced, source, unvoiced_share, grid)
        if target is None:
            return unvoiced
        if self._melody is None:
            change = envelope_change(window.frames, target)
            voiced = grid.signals(spectra * grid.gains(change)[None, ...])
        else:
            voiced = self._synthesised(window, target, self._melody, grid)
        return unvoiced + _at_loudness(voiced, source, voiced_share, grid)

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


def equal_power(share: Track) -> tuple[Track, Track]:
    """Return the amplitudes of two sounds that are to share the power of a frame.

    What is synthesised has other phases than the source: of a crossfade by amplitudes, the middle
    would have half the power.
    """
    return np.sqrt(share), np.sqrt(1.0 - share)


def envelope_change(source: VoiceFrames, target: VoiceFrames) -> Any:
    """Return the log power ``(frames, POINTS)`` of the filter that turns source into target."""
    return smoothed(target.envelope - source.envelope, SMOOTH_30_MS)


@frozen(eq=False)
class _Levels:
    """What a sound is held to.

    Attributes
    ----------
    loudness
        ``(channels, frames)`` of the source.
    bands
        ``(frames, bands)`` power of the source around each frame.
    polarity
        ``(channels, frames)``, of a sound that is distributed over the channels.
    """

    loudness: NDArray[Any]
    bands: NDArray[Any]
    polarity: Track | None


def _at_loudness(sound: Any, source: _Levels, share: Track, grid: FrameGrid) -> Any:
    """Return ``sound`` at the loudness of the source, times its ``share`` of each frame.

    No band exceeds the source's by more than its limit. A single channel is distributed
    over the source's, as loud as each; several keep their balance.

    Shape: ``(1 or channels, length)``, ``(frames,)``.
    """
    spectra = grid.spectra(sound)
    own = grid.loudness(spectra).mean(axis=0)
    total = source.loudness.mean(axis=0)
    gain = follow_loudness(total, own)
    bands = smoothed(gain[:, None] ** 2 * grid.band_power(spectra), SMOOTH_30_MS)
    within = excess_gains(source.bands, bands)
    if (within[share > 0] < 1).any():
        sound = grid.signals(spectra * grid.band_gains(within)[None, ...])
    balance = np.ones((1, total.size))
    if source.polarity is not None and source.loudness.shape[0] != sound.shape[0]:
        balance = source.polarity * np.sqrt(source.loudness / (total + 1e-20))
    xp, tracks = array_namespace(sound), np.concatenate([share[None, :], gain * balance])
    tracks = per_sample(xp.asarray(tracks, device=device(sound)), grid.length, grid.sample_rate)
    return sound * xp.astype(tracks[:1, :] * tracks[1:, :], sound.dtype)
