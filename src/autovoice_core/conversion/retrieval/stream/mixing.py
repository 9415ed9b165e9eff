"""What is sung and what is not, mixed as loud as the source, while the source is going on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import array_namespace
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core.conversion.retrieval.analysis import Frames
from autovoice_core.conversion.retrieval.f0 import per_sample
from autovoice_core.conversion.retrieval.filtering import FrameGrid, audible
from autovoice_core.conversion.retrieval.frames import beside, hann
from autovoice_core.conversion.retrieval.kernels import ConversionKernels
from autovoice_core.conversion.retrieval.stream.overlap_add import BEHIND, Overlap, Tone
from autovoice_core.conversion.retrieval.synthesis import white_noise

LARGEST_GAIN = 8.0
"""Limit of the correction that brings a frame to the source's loudness."""

_SYLLABLE = np.asarray(hann(4)[:5])  # the past half

Track = NDArray[np.float64]


class CausalVoice:
    """Makes sound of frames.

    Parameters
    ----------
    tone
        Sings; without one, the source is filtered.
    seed
        Chooses the noise of what is synthesised.
    """

    def __init__(
        self, tone: Tone | None, sample_rate: int, kernels: ConversionKernels, seed: int = 0
    ) -> None:
        self._tone, self._rate, self._seed = tone, sample_rate, seed
        self._overlap = Overlap(sample_rate, kernels)
        self._compared = np.zeros((_SYLLABLE.size - 1, 2))
        self._balance: Track | None = None

    def add(
        self, spectra: Any, share: Track, colour: Any, target: Frames, change: Any, f0: Track
    ) -> Any:
        """Return the samples that the next frames finish, ``(channels, samples)``.

        Parameters
        ----------
        spectra
            ``(channels, frames, bins)`` of the source.
        share
            ``(frames,)`` on the host: how much of each is sung.
        colour
            ``(1, POINTS)`` log power that is laid over what is not.
        target
            What is sung, aperiodicity on the axis.
        change
            ``(frames, POINTS)`` log power that makes what is sung of the source.
        f0
            ``(frames,)`` Hz to sing, on the host.
        """
        grid = self._overlap.grid(f0.size)
        loudness = as_numpy(grid.loudness(spectra)).astype(np.float64)
        wanted = loudness.mean(axis=0)
        rest = spectra * grid.gains(colour)[None, ...]
        own = as_numpy(grid.loudness(rest)).mean(axis=0)
        mixed = _at(rest, (1.0 - share) * _gain(wanted, own))
        if self._tone is None:
            sung = spectra * grid.gains(change)[None, ...]
            own = as_numpy(grid.loudness(sung)).mean(axis=0)
            return self._overlap.add(grid, mixed + _at(sung, self._levels(wanted, own, share)))

        balance = np.sqrt(loudness / (wanted + 1e-20))
        xp = array_namespace(target.envelope)
        periodic = target.envelope + xp.log(1.0 - xp.clip(target.aperiodicity, 0.0, 0.9999))
        parts = self._tone.harmonics(periodic, f0)
        # Noise of variance 1 has a power of 2 / rate a Hz.
        noisy = target.envelope + xp.log(target.aperiodicity) + math.log(self._rate / 2.0)
        gains = grid.gains(noisy)[None, ...]
        levels = self._levels(wanted, self._expected(parts, f0, gains, grid), share)
        noise = white_noise(noisy, self._overlap.begin(), grid.length, self._seed)[None, :]
        noise = grid.spectra(noise) * gains * beside(gains, balance * levels)[..., None]
        tone = self._dealt(self._tone.add(parts, f0, levels), balance)
        return self._overlap.add(grid, mixed + noise) + tone

    def _expected(self, parts: tuple[Any, Any], f0: Track, gains: Any, grid: FrameGrid) -> Track:
        """Return the loudness that harmonics and shaped noise will have on the grid."""
        xp = array_namespace(gains)
        window = float(np.sum(grid.window**2))
        counted = audible(f0[:, None] * np.arange(1, parts[0].shape[1] + 1))
        power = (parts[0] ** 2 + parts[1] ** 2) * beside(parts[0], counted)
        # Half of an oscillator's power lies at negative frequencies.
        tone = 0.25 * grid.fft_size * as_numpy(xp.sum(power, axis=1))
        expected: Track = window * (tone + as_numpy(grid.loudness(gains + 0j))[0])
        return expected

    def _levels(self, wanted: Track, own: Track, share: Track) -> Track:
        """Return amplitudes that bring what is sung to the source's loudness over a syllable."""
        new = share[:, None] * np.stack([wanted, own], axis=1)
        compared = np.concatenate([self._compared, new])
        self._compared = compared[len(new) :]
        over = np.lib.stride_tricks.sliding_window_view(compared, _SYLLABLE.size, axis=0)
        sums = over @ _SYLLABLE
        return share * _gain(sums[:, 0], sums[:, 1])

    def _dealt(self, tone: Any, balance: Track) -> Any:
        """Deal one channel out as loud as each of the source's."""
        if len(balance) == 1:
            return tone[None, :]
        if self._balance is None:
            self._balance = np.ones((len(balance), BEHIND))
        balance = np.concatenate([self._balance, balance], axis=1)
        count = balance.shape[1] - BEHIND
        tracks = [per_sample(row[: count + 1], tone.shape[0], self._rate) for row in balance]
        self._balance = balance[:, count:]
        return tone[None, :] * beside(tone, np.stack(tracks))


def _gain(wanted: Track, own: Track) -> Track:
    gain: Track = np.minimum(np.sqrt(wanted / (own + 1e-20)), LARGEST_GAIN)
    return gain


def _at(spectra: Any, levels: Track) -> Any:
    """Return frames at their levels."""
    xp = array_namespace(spectra)
    return spectra * beside(xp.real(spectra), levels)[None, :, None]
