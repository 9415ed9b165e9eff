"""The sound of converted frames while the source goes on: voiced and unvoiced, as loud as it."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core.conversion.retrieval.analysis import VoiceFrames
from autovoice_core.conversion.retrieval.excess import (
    SOURCE_REACH,
    excess_bands,
    excess_gains,
)
from autovoice_core.conversion.retrieval.filtering import (
    FrameGrid,
    follow_loudness,
    loudness_weights,
)
from autovoice_core.conversion.retrieval.frames import Track, asarray_like, hann, per_sample
from autovoice_core.conversion.retrieval.kernels import ConversionKernels
from autovoice_core.conversion.retrieval.polarity import StreamPolarity
from autovoice_core.conversion.retrieval.rendering import equal_power
from autovoice_core.conversion.retrieval.stream.overlap_add import (
    OVERLAP_FRAMES,
    StreamOscillators,
    StreamOverlapAdd,
)
from autovoice_core.conversion.retrieval.synthesis import periodic_and_noise, white_noise

_PAST_BANDS_WEIGHTS = np.asarray(hann(SOURCE_REACH)[: SOURCE_REACH + 1])


@frozen(eq=False)
class TargetFrames:
    """What the next frames of a stream become.

    Attributes
    ----------
    spectra
        ``(channels, frames, bins)`` of the source.
    voiced
        ``(frames,)`` on the host: share of voiced sound.
    unvoiced_change
        ``(frames, POINTS)`` log power to add to unvoiced sound.
    frames
        What is to be sung, aperiodicity on the mel axis.
    change
        ``(frames, POINTS)`` log power of the filter that makes it of the source.
    f0
        ``(frames,)`` Hz to sing, on the host.
    """

    spectra: Any
    voiced: Track
    unvoiced_change: Any
    frames: VoiceFrames
    change: Any
    f0: Track


class StreamRenderer:
    """Renders the frames of a stream.

    Parameters
    ----------
    oscillators
        They sing the harmonics; without them, the source is filtered.
    seed
        Determines the noise of what is synthesised.
    """

    def __init__(
        self,
        oscillators: StreamOscillators | None,
        sample_rate: int,
        kernels: ConversionKernels,
        seed: int = 0,
    ) -> None:
        self._oscillators, self._rate, self._seed = oscillators, sample_rate, seed
        self._overlap_add = StreamOverlapAdd(sample_rate, kernels)
        self._past_bands: Track | None = None
        self._balance: Track | None = None
        self._polarity = StreamPolarity()

    def render(self, target: TargetFrames) -> Any:
        """Return the samples that the next frames finish, ``(channels, samples)``."""
        grid = self._overlap_add.grid(target.f0.size, target.change)
        loudness = grid.loudness(target.spectra).astype(np.float64)
        total = loudness.mean(axis=0)
        bands = self._source_bands(grid.band_power(target.spectra))
        voiced_share, unvoiced_share = target.voiced, 1.0 - target.voiced
        if self._oscillators is not None:
            voiced_share, unvoiced_share = equal_power(target.voiced)
        unvoiced = target.spectra * grid.gains(target.unvoiced_change)[None, ...]
        gain = follow_loudness(total, grid.loudness(unvoiced).mean(axis=0))
        unvoiced = _scaled(_within(bands, unvoiced, gain, grid), unvoiced_share * gain)
        if self._oscillators is None:
            sung = target.spectra * grid.gains(target.change)[None, ...]
            levels = voiced_share * follow_loudness(total, grid.loudness(sung).mean(axis=0))
            sung = _scaled(_within(bands, sung, levels, grid), levels)
            return self._overlap_add.add(grid, unvoiced + sung)

        balance = np.sqrt(loudness / (total + 1e-20))
        if len(balance) > 1:
            balance = self._polarity.next(target.spectra) * balance
        periodic, noisy = periodic_and_noise(target.frames, self._rate)
        parts = self._oscillators.harmonics(periodic, target.f0)
        gains = grid.gains(noisy)[None, ...]
        expected = _expected(parts, target.f0, gains, grid)
        levels = voiced_share * follow_loudness(total, expected)
        sound = _expected_bands(parts, target.f0, gains, grid)
        within = excess_gains(bands, levels[:, None] ** 2 * sound)
        parts, gains = _limited(parts, target.f0, within), gains * grid.band_gains(within)
        noise = white_noise(noisy, self._overlap_add.begin(), grid.length, self._seed)[None, :]
        noise = grid.spectra(noise) * gains * asarray_like(gains, balance * levels)[..., None]
        tone = self._balanced(self._oscillators.add(parts, target.f0, levels), balance)
        return self._overlap_add.add(grid, unvoiced + noise) + tone

    def _source_bands(self, bands: NDArray[Any]) -> Track:
        """Return the power of the source in bands, averaged over each frame and those before."""
        if self._past_bands is None:
            self._past_bands = np.zeros((SOURCE_REACH, bands.shape[1]))
        compared = np.concatenate([self._past_bands, bands])
        self._past_bands = compared[len(bands) :]
        windows = np.lib.stride_tricks.sliding_window_view(compared, SOURCE_REACH + 1, axis=0)
        averaged: Track = windows @ (_PAST_BANDS_WEIGHTS / _PAST_BANDS_WEIGHTS.sum())
        return averaged

    def _balanced(self, tone: Any, balance: Track) -> Any:
        """Return one channel distributed over the source's, as loud as each."""
        if len(balance) == 1:
            return tone[None, :]
        if self._balance is None:
            self._balance = np.ones((len(balance), OVERLAP_FRAMES))
        balance = np.concatenate([self._balance, balance], axis=1)
        count = balance.shape[1] - OVERLAP_FRAMES
        tracks = [per_sample(row[: count + 1], tone.shape[0], self._rate) for row in balance]
        self._balance = balance[:, count:]
        return tone[None, :] * asarray_like(tone, np.stack(tracks))


def _expected(parts: tuple[Any, Any], f0: Track, gains: Any, grid: FrameGrid) -> Track:
    """Return the loudness that harmonics and shaped noise will have on the grid."""
    xp = array_namespace(gains)
    weights = loudness_weights(f0[:, None] * np.arange(1, parts[0].shape[1] + 1))
    power = (parts[0] ** 2 + parts[1] ** 2) * asarray_like(parts[0], weights)
    # Half of an oscillator's power lies at negative frequencies.
    tone = 0.25 * grid.fft_size * as_numpy(xp.sum(power, axis=1))
    expected: Track = grid.window_energy * (tone + grid.loudness(gains + 0j)[0])
    return expected


def _expected_bands(parts: tuple[Any, Any], f0: Track, gains: Any, grid: FrameGrid) -> Track:
    """Return the power in bands that harmonics and shaped noise will have on the grid."""
    real, imaginary = (as_numpy(part) for part in parts)
    weights = _harmonic_bands(f0, real.shape[1])
    tone = np.einsum("fh,fhb->fb", real**2 + imaginary**2, weights)
    noise = grid.band_power(gains + 0j)
    expected: Track = grid.window_energy * (0.25 * grid.fft_size * tone + noise)
    return expected


def _harmonic_bands(f0: Track, count: int) -> Track:
    """Return the weights of harmonics in bands, ``(frames, harmonics, bands)``."""
    return excess_bands(f0[:, None] * np.arange(1, count + 1))


def _limited(parts: tuple[Any, Any], f0: Track, within: Track) -> tuple[Any, Any]:
    """Return harmonics times the gains of their bands."""
    weights = _harmonic_bands(f0, parts[0].shape[1])
    gain = 1.0 - np.einsum("fb,fhb->fh", 1.0 - within, weights)
    real, imaginary = (part * asarray_like(part, gain) for part in parts)
    return real, imaginary


def _within(bands: Track, spectra: Any, levels: Track, grid: FrameGrid) -> Any:
    """Return frames that keep within the limits when their levels are applied to them."""
    gains = excess_gains(bands, levels[:, None] ** 2 * grid.band_power(spectra))
    return spectra * grid.band_gains(gains)[None, ...]


def _scaled(spectra: Any, levels: Track) -> Any:
    """Return frames times their levels."""
    xp = array_namespace(spectra)
    return spectra * asarray_like(xp.real(spectra), levels)[None, :, None]
