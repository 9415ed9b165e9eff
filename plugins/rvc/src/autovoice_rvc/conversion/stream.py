"""A stream: half a second at a time is read with what came before, and sung.

Each is sung on its own, with the phase of all that came before, and crossfaded into the next.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from autovoice_core import Audio
from autovoice_core._downmix import Downmix
from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_rvc.architecture import FRAMES_PER_SECOND
from autovoice_rvc.conversion.blocks import SAMPLES_PER_FRAME
from autovoice_rvc.conversion.kept_samples import KeptSamples
from autovoice_rvc.conversion.loudness import REACH, follow_loudness
from autovoice_rvc.conversion.melody import f0_of_frames
from autovoice_rvc.conversion.resampling import resample
from autovoice_rvc.conversion.singing import Singing, sung_window
from autovoice_rvc.conversion.stream_pitch import LATENCY as PITCH_LATENCY
from autovoice_rvc.conversion.stream_pitch import StreamPitch
from autovoice_rvc.conversion.strength import REACH as TIMBRE_REACH
from autovoice_rvc.conversion.strength import nearer_to_source
from autovoice_rvc.conversion.tensors import as_audio, as_tensor, mirrored
from autovoice_rvc.conversion.words import WordReader
from autovoice_rvc.networks.contentvec import RATE

PAST_FRAMES = 150
"""Frames before a block that the networks are given with it."""
AHEAD_FRAMES = 36
"""Frames after a block that they are given: nearly all that flow and decoder look at."""
PITCH_FRAMES = AHEAD_FRAMES - round(PITCH_LATENCY * FRAMES_PER_SECOND)
"""Frames after a block whose pitch is known by then; later ones are taken as unvoiced."""
FADE_FRAMES = 2
"""Frames over which blocks are crossfaded."""


def stream_latency(block_frames: int) -> float:
    """Return the seconds after a sample by which its result is complete."""
    return (block_frames + AHEAD_FRAMES + FADE_FRAMES) / FRAMES_PER_SECOND + REACH


class RvcStream:
    """Sings a stream; see :class:`~autovoice_core.protocols.Stream`.

    Parameters
    ----------
    words, singing
        What reads the words, and what sings.
    sample_rate
        Of the blocks, Hz.
    key
        Semitones by which the melody is moved.
    strength
        Share of the voice's timbre, the rest being the source's.
    own_loudness
        Share of the voice's own changes of loudness.
    block_frames
        Frames of 10 ms that are sung at a time.
    """

    def __init__(
        self,
        words: WordReader,
        singing: Singing,
        sample_rate: int,
        *,
        key: float,
        strength: float,
        own_loudness: float,
        block_frames: int,
    ) -> None:
        self._words, self._singing, self._rate = words, singing, sample_rate
        self._strength, self._own_loudness = strength, own_loudness
        self._block_frames = block_frames
        self._pitch = StreamPitch(sample_rate, key)
        self._downmix = Downmix(sample_rate)
        self._source = KeptSamples()
        self._mono = KeptSamples()
        self._sung = KeptSamples()
        self._block = 0
        self._given = 0
        self.latency = stream_latency(block_frames) + 1 / sample_rate

    def feed(self, block: Audio) -> Audio:
        """Take in a block of any length and return the output that is complete."""
        samples = as_tensor(block, self._singing.device)
        if samples.shape[1]:
            self._take_in(samples)
        while self._source.end >= self._samples(
            (self._block + 1) * self._block_frames + AHEAD_FRAMES
        ):
            self._sing_block()
        return self._output(self._sung.end - self._samples(REACH * FRAMES_PER_SECOND))

    def flush(self) -> Audio:
        """Return the rest of the output and end the stream."""
        end = self._source.end
        if end:
            # Half a block at least is silent then, and the context of the last block.
            blocks = -(-end * FRAMES_PER_SECOND // (self._rate * self._block_frames)) + 1
            ending = self._samples(blocks * self._block_frames + AHEAD_FRAMES) - end
            self._take_in(self._source.values.new_zeros(self._source.values.shape[0], ending))
            self._pitch.flush()
            while self._sung.end < end + self._samples(REACH * FRAMES_PER_SECOND):
                self._sing_block()
        return self._output(end)

    def _take_in(self, samples: torch.Tensor) -> None:
        mono = self._downmix.feed(samples)
        self._source.append(samples)
        self._mono.append(mono)
        self._pitch.feed(as_audio(mono, self._rate))

    def _samples(self, frames: float) -> int:
        return round(frames * self._rate / FRAMES_PER_SECOND)

    def _sing_block(self) -> None:
        """Sing the next block, from its crossfade with the one before on."""
        start = self._block * self._block_frames
        first, stop = start - PAST_FRAMES, start + self._block_frames
        last = stop + AHEAD_FRAMES
        melody = self._pitch.contour(first, stop + PITCH_FRAMES)
        latents = self._read(first, last, melody)

        def between(begin: int, end: int) -> torch.Tensor:
            places = torch.arange(begin, end, device=latents.device) - first
            return latents[:, places.clamp(0, last - first - 1)]

        begin, end = max(self._samples(start - FADE_FRAMES), 0), self._samples(stop)
        reach = 0 if self._strength == 1 else self._samples(FRAMES_PER_SECOND * TIMBRE_REACH)
        low, high = max(begin - reach, 0), end + reach
        sung = sung_window(self._singing, between, melody, self._rate, low, high - low)
        if reach:
            heard = self._mono.between(low, high)[0]
            sung = nearer_to_source(sung, heard, self._rate, low, melody, self._strength)
        self._sung.crossfade(sung[None, begin - low : end - low], begin, self._samples(start))
        self._block += 1
        self._mono.forget(self._samples(max(first, 0)))

    def _read(self, first: int, last: int, melody: F0Contour) -> torch.Tensor:
        """Return the latents of frames ``first`` to ``last``, ``(384, frames)``."""
        heard = self._mono.between(self._samples(max(first, 0)), self._samples(last))[0]
        low = resample(heard, self._rate, RATE)
        wanted = SAMPLES_PER_FRAME * (last - max(first, 0))
        low = functional.pad(low, (0, wanted - len(low)))
        # What lies before the stream is mirrored, as before a song.
        samples = mirrored(low, SAMPLES_PER_FRAME * min(first, 0), wanted)
        return self._words.latents(samples, f0_of_frames(melody, first, last))

    def _output(self, ready: int) -> Audio:
        """Return what was sung up to sample ``ready``, as loud as the source."""
        channels = max(self._source.values.shape[0], 1)
        if ready <= self._given:
            return as_audio(torch.zeros(channels, 0, device=self._singing.device), self._rate)
        reach = self._samples(REACH * FRAMES_PER_SECOND)
        begin, end = max(self._given - reach, 0), ready + reach
        voice, source = (kept.between(begin, end) for kept in (self._sung, self._source))
        loud = follow_loudness(voice[0], source, self._rate, begin, self._own_loudness)
        result = loud[:, self._given - begin : ready - begin].contiguous()
        self._given = ready
        for kept in (self._sung, self._source):
            kept.forget(max(ready - reach, 0))
        return as_audio(result, self._rate)
