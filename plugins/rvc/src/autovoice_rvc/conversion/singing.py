"""Singing: latents, melody and noise to the sound of a stretch of song."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_rvc.architecture import FRAMES_PER_SECOND, LATENT
from autovoice_rvc.conversion.melody import f0_of_frames, phase_of_samples
from autovoice_rvc.conversion.noise import LATENT_STREAM, SOURCE_STREAM, noise_at
from autovoice_rvc.conversion.resampling import resample
from autovoice_rvc.conversion.voice import LoadedVoice
from autovoice_rvc.networks.decoder import decoder_reach
from autovoice_rvc.networks.running import running
from autovoice_rvc.networks.sine_source import excitation
from autovoice_rvc.networks.synthesiser import NOISE_SCALE

FLOW_CONTEXT = 24
"""Frames to either side that a frame of the flow depends on."""
MARGIN = 5
"""Frames that are sung around a window, for the resampler."""

LatentsOf = Callable[[int, int], torch.Tensor]
"""Returns the latents, ``(384, frames)``, of the frames from one to before another."""


class Singing:
    """A voice and how it sings, whatever the melody.

    Parameters
    ----------
    voice, speaker
        The voice, and the row of its table of speakers.
    formant
        Semitones by which formants are raised: more frames a second are sung, and played faster.
    seed
        Of the noise.
    device
        Of the networks.
    """

    def __init__(
        self,
        voice: LoadedVoice,
        *,
        speaker: int,
        formant: float,
        seed: int,
        device: str,
    ) -> None:
        self._voice, self._seed, self.device = voice, seed, device
        self._told = voice.synthesiser.emb_g.weight[speaker][None, :, None]
        self._reach = decoder_reach(voice.architecture)
        self.frames_per_second = round(FRAMES_PER_SECOND * 2 ** (formant / 12))
        self.sample_rate = self.frames_per_second * voice.architecture.hop

    @property
    def context(self) -> int:
        """Frames of 10 ms to either side of a stretch whose latents it depends on."""
        stretched = self._reach * FRAMES_PER_SECOND / self.frames_per_second
        return FLOW_CONTEXT + math.ceil(stretched) + MARGIN + 2

    @property
    def step(self) -> int:
        """Frames of 10 ms of whose multiples a stretch must begin."""
        return 1 if self.frames_per_second == FRAMES_PER_SECOND else FRAMES_PER_SECOND

    def sing(self, latents: LatentsOf, melody: F0Contour, start: int, stop: int) -> torch.Tensor:
        """Return frames ``start`` to ``stop`` of 10 ms, as samples at :attr:`sample_rate`.

        ``melody`` is that of the song, with its key. ``start`` is a multiple of :attr:`step`; the
        last frame may be longer than the others.
        """
        first = start * self.frames_per_second // FRAMES_PER_SECOND
        last = -(-stop * self.frames_per_second // FRAMES_PER_SECOND)
        low, high = first - self._reach, last + self._reach
        hop = self._voice.architecture.hop
        with running():
            latent = self._latent(latents, low, high)
            source = self._excitation(melody, low, high) if self._voice.architecture.f0 else None
            samples = self._voice.synthesiser.dec(latent, self._told, source)
            return samples[0, self._reach * hop : (high - low - self._reach) * hop]

    def _latent(self, latents: LatentsOf, first: int, last: int) -> torch.Tensor:
        """Return the speaker's latents of sung frames, ``(1, 192, last - first)``."""
        places = np.arange(first, last) * FRAMES_PER_SECOND / self.frames_per_second
        low = int(np.floor(places[0]))
        high = int(np.floor(places[-1])) + 2
        begin, end = low - FLOW_CONTEXT, high + FLOW_CONTEXT
        mean, deviation = latents(begin, end)[None].split(LATENT, dim=1)
        noise = self._tensor(noise_at(self._seed, LATENT_STREAM, begin, end, LATENT))
        drawn = mean + torch.exp(deviation) * noise * NOISE_SCALE
        latent = self._voice.synthesiser.flow(drawn, self._told)
        latent = latent[:, :, FLOW_CONTEXT : FLOW_CONTEXT + high - low]
        if self.frames_per_second == FRAMES_PER_SECOND:
            return latent[:, :, : last - first]
        index = torch.from_numpy(np.floor(places).astype(np.int64) - low).to(self.device)
        part = self._tensor((places - np.floor(places)).astype(np.float32)[None])
        return (1 - part) * latent[:, :, index] + part * latent[:, :, index + 1]

    def _excitation(self, melody: F0Contour, low: int, high: int) -> torch.Tensor:
        hop = self._voice.architecture.hop
        first, last = low * hop, high * hop
        sung = self._tensor(f0_of_frames(melody, low, high, self.frames_per_second))
        phase = phase_of_samples(melody, self.sample_rate, first, last, self.device)
        noise = self._tensor(noise_at(self._seed, SOURCE_STREAM, first, last)[0])
        return excitation(sung.repeat_interleave(hop, dim=1), phase[None], noise)

    def _tensor(self, values: NDArray[np.float32]) -> torch.Tensor:
        """Return values on the device, as a batch of one."""
        return torch.from_numpy(np.ascontiguousarray(values))[None].to(self.device)


def sung_window(
    singing: Singing,
    latents: LatentsOf,
    melody: F0Contour,
    sample_rate: int,
    start: int,
    frames: int,
) -> torch.Tensor:
    """Return ``(frames,)`` at ``sample_rate``, from sample ``start`` of the song on."""
    if not frames:
        return torch.zeros(0, device=singing.device)
    # Frames of whose multiples both rates have whole samples.
    whole = max(singing.step, FRAMES_PER_SECOND // math.gcd(sample_rate, FRAMES_PER_SECOND))
    begin = (start * FRAMES_PER_SECOND // sample_rate - MARGIN) // whole * whole
    end = -(-(start + frames) * FRAMES_PER_SECOND // sample_rate) + MARGIN
    sung = resample(singing.sing(latents, melody, begin, end), singing.sample_rate, sample_rate)
    skipped = start - begin * sample_rate // FRAMES_PER_SECOND
    return sung[skipped : skipped + frames]
