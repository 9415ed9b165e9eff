"""The conversion of a song: its words are read while it is observed, and then sung."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from autovoice_core import Audio
from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_rvc.architecture import FRAMES_PER_SECOND
from autovoice_rvc.conversion.blocks import CONTEXT_SECONDS, Block, SongBlocks
from autovoice_rvc.conversion.content import ContentReader
from autovoice_rvc.conversion.latents import Latents
from autovoice_rvc.conversion.loudness import follow_loudness
from autovoice_rvc.conversion.melody import f0_of_frames
from autovoice_rvc.conversion.singing import DECODER_CONTEXT, FLOW_CONTEXT, Singing
from autovoice_rvc.conversion.voice import LoadedVoice

OVERLAP = DECODER_CONTEXT + FLOW_CONTEXT + 2
"""Frames by which a block's latents reach into its neighbours, to be crossfaded there."""
MARGIN = 5
"""Frames that are sung around a window, for the resampler."""


class RvcConversion:
    """Sings one song; see :class:`~autovoice_core.protocols.Conversion`."""

    def __init__(
        self,
        reader: ContentReader,
        voice: LoadedVoice,
        contour: F0Contour,
        singing: Singing,
        *,
        sample_rate: int,
        own_loudness: float,
        device: str,
    ) -> None:
        self._reader, self._voice, self._contour, self._singing = reader, voice, contour, singing
        self._rate, self._own_loudness, self._device = sample_rate, own_loudness, device
        self._blocks, self._latents = SongBlocks(sample_rate), Latents()
        self._complete = False

    def observe(self, vocals: Audio, start: int) -> None:
        """Read the words of what is new in a window."""
        self._blocks.feed(vocals, start)
        for block in self._blocks.ready():
            self._read(block)

    def render(self, vocals: Audio, start: int) -> Audio:
        """Return the window, sung."""
        if not self._complete:
            rest = self._blocks.rest()
            if rest is not None:
                self._read(rest)
            self._complete = True
        source = vocals.numpy()
        voice = self._sung(start, vocals.frames)
        samples = follow_loudness(voice, source, self._rate, start, self._own_loudness)
        return Audio(self._on_device(samples), self._rate)

    def _read(self, block: Block) -> None:
        """Keep what the text encoder says of a block."""
        context = CONTEXT_SECONDS * FRAMES_PER_SECOND
        first, last = block.start - context, block.stop + context
        f0 = f0_of_frames(self._contour, first, last)
        with torch.inference_mode():
            content = self._reader.read(block.samples, f0 > 0)
            pitch = torch.from_numpy(f0)[None].to(self._device)
            told = self._voice.synthesiser.enc_p(
                content, pitch if self._voice.architecture.f0 else None
            )
            latents = torch.cat(told, dim=1)[0].cpu().numpy()
        kept = slice(context - OVERLAP, last - first - context + OVERLAP)
        self._latents.write(block.start - OVERLAP, latents[:, kept])

    def _sung(self, start: int, frames: int) -> NDArray[np.float32]:
        """Return ``(frames,)`` at the song's rate, from sample ``start`` on."""
        if not frames:
            return np.zeros(0, np.float32)
        # Frames of whose multiples both rates have whole samples.
        whole = max(
            self._singing.step, FRAMES_PER_SECOND // math.gcd(self._rate, FRAMES_PER_SECOND)
        )
        begin = (start * FRAMES_PER_SECOND // self._rate - MARGIN) // whole * whole
        end = -(-(start + frames) * FRAMES_PER_SECOND // self._rate) + MARGIN
        sung = self._singing.sing(self._latents.read, begin, end)
        resampled = Audio(sung[None], self._singing.sample_rate).resample(self._rate).numpy()[0]
        skipped = start - begin * self._rate // FRAMES_PER_SECOND
        return resampled[skipped : skipped + frames]

    def _on_device(self, samples: NDArray[np.float32]) -> object:
        return samples if self._device == "cpu" else torch.from_numpy(samples).to(self._device)
