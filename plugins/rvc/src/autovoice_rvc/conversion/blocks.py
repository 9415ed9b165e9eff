"""Blocks of a song in which content is read, the same however the song comes in windows."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from attrs import frozen

from autovoice_core._downmix import Downmix
from autovoice_rvc.architecture import FRAMES_PER_SECOND
from autovoice_rvc.conversion.resampling import resample
from autovoice_rvc.conversion.tensors import mirrored
from autovoice_rvc.networks.contentvec import RATE

BLOCK_SECONDS = 16
"""Length of a block; the last one is 8 to 24 s long, or as short as the song."""
CONTEXT_SECONDS = 2
"""Sound on either side of a block, mirrored at the ends of a song as RVC does it.

The networks attend over all that they are given, and normalise by it: with random weights, what
a frame hears still changes by a quarter at 2 s, and by three quarters at 1 s.
"""
SAMPLES_PER_FRAME = RATE // FRAMES_PER_SECOND
_MARGIN_SECONDS = 1  # which the resampler is given; whole seconds are whole samples at any rate
_AHEAD_SECONDS = BLOCK_SECONDS // 2 + CONTEXT_SECONDS + _MARGIN_SECONDS


@frozen(eq=False)
class Block:
    """A block of a song.

    Attributes
    ----------
    start, stop
        Frames of 10 ms that belong to it, even in number.
    samples
        ``(n,)`` at 16 kHz, from ``CONTEXT_SECONDS`` before ``start`` to as much after ``stop``.
    """

    start: int
    stop: int
    samples: torch.Tensor


class SongBlocks:
    """Gathers a song that comes in overlapping windows, and cuts it into blocks."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._downmix = Downmix(sample_rate)
        self._kept = torch.zeros(0)
        self._first = 0  # position of the first sample kept
        self._block = 0

    @property
    def frames(self) -> int:
        """Samples of the song that have come."""
        return self._first + len(self._kept)

    def feed(self, window: torch.Tensor, start: int) -> None:
        """Take in what is new of a window, ``(channels, n)``, that begins at sample ``start``."""
        new = window[:, max(self.frames - start, 0) :]
        if new.shape[1]:
            mix = self._downmix.feed(new)[0]
            self._kept = torch.cat([self._kept.to(mix.device), mix])

    def ready(self) -> Iterator[Block]:
        """Yield the blocks that are complete, and forget them once they are dealt with."""
        while self.frames >= ((self._block + 1) * BLOCK_SECONDS + _AHEAD_SECONDS) * self._rate:
            stop = (self._block + 1) * BLOCK_SECONDS * FRAMES_PER_SECOND
            yield self._cut(stop)
            self._block += 1
            begin = self._block * BLOCK_SECONDS - CONTEXT_SECONDS - _MARGIN_SECONDS
            drop = max(begin * self._rate - self._first, 0)
            self._kept, self._first = self._kept[drop:], self._first + drop

    def rest(self) -> Block | None:
        """Return the last block of a song that has come entirely, None of an empty one."""
        halves = -(-self.frames * FRAMES_PER_SECOND // (2 * self._rate))
        return self._cut(2 * halves) if self.frames else None

    def _cut(self, stop: int) -> Block:
        start = self._block * BLOCK_SECONDS * FRAMES_PER_SECOND
        begin = max(self._block * BLOCK_SECONDS - CONTEXT_SECONDS - _MARGIN_SECONDS, 0)
        end_seconds = stop // FRAMES_PER_SECOND + CONTEXT_SECONDS + _MARGIN_SECONDS
        cut = self._kept[begin * self._rate - self._first : end_seconds * self._rate - self._first]
        low = resample(cut, self._rate, RATE)
        low = low if len(low) else cut.new_zeros(1)  # of a sample or two
        # Counted from `begin`, at 16 kHz; what lies outside of the song is mirrored.
        first = SAMPLES_PER_FRAME * start - RATE * (CONTEXT_SECONDS + begin)
        last = SAMPLES_PER_FRAME * stop + RATE * (CONTEXT_SECONDS - begin)
        return Block(start, stop, mirrored(low, first, last))
