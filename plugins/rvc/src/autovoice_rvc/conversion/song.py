"""The conversion of a song: its words are read while it is observed, and then sung."""

from __future__ import annotations

import torch

from autovoice_core import Audio
from autovoice_core._downmix import mono
from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_rvc.architecture import FRAMES_PER_SECOND
from autovoice_rvc.conversion.blocks import CONTEXT_SECONDS, Block, SongBlocks
from autovoice_rvc.conversion.latents import Latents
from autovoice_rvc.conversion.loudness import follow_loudness
from autovoice_rvc.conversion.melody import f0_of_frames
from autovoice_rvc.conversion.singing import Singing, sung_window
from autovoice_rvc.conversion.strength import nearer_to_source
from autovoice_rvc.conversion.tensors import as_audio, as_tensor
from autovoice_rvc.conversion.words import WordReader


class RvcConversion:
    """Sings one song; see :class:`~autovoice_core.protocols.Conversion`."""

    def __init__(
        self,
        words: WordReader,
        singing: Singing,
        melody: F0Contour,
        *,
        sample_rate: int,
        strength: float,
        own_loudness: float,
    ) -> None:
        self._words, self._singing, self._melody = words, singing, melody
        self._rate, self._strength, self._own_loudness = sample_rate, strength, own_loudness
        self._blocks, self._latents = SongBlocks(sample_rate), Latents()
        self._complete = False

    def observe(self, vocals: Audio, start: int) -> None:
        """Read the words of what is new in a window."""
        self._blocks.feed(as_tensor(vocals, self._singing.device), start)
        for block in self._blocks.ready():
            self._read(block)

    def render(self, vocals: Audio, start: int) -> Audio:
        """Return the window, sung."""
        if not self._complete:
            rest = self._blocks.rest()
            if rest is not None:
                self._read(rest)
            self._complete = True
        source = as_tensor(vocals, self._singing.device)
        rate, frames = self._rate, vocals.frames
        voice = sung_window(self._singing, self._latents_of, self._melody, rate, start, frames)
        if self._strength < 1:
            heard = mono(source, rate)[0]
            voice = nearer_to_source(voice, heard, rate, start, self._melody, self._strength)
        return as_audio(follow_loudness(voice, source, rate, start, self._own_loudness), rate)

    def _read(self, block: Block) -> None:
        """Keep what the text encoder says of a block."""
        context = CONTEXT_SECONDS * FRAMES_PER_SECOND
        first, last = block.start - context, block.stop + context
        latents = self._words.latents(block.samples, f0_of_frames(self._melody, first, last))
        # Neighbours overlap by all that what is sung depends on, and are crossfaded there.
        overlap = min(self._singing.context, context)
        kept = slice(context - overlap, last - first - context + overlap)
        found = latents[:, kept].to(torch.float16).cpu().numpy()
        self._latents.write(block.start - overlap, found)

    def _latents_of(self, start: int, stop: int) -> torch.Tensor:
        return torch.from_numpy(self._latents.read(start, stop)).to(self._singing.device)
