"""Sources mixed to one channel, block by block, so that channels in antiphase don't cancel."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np
from array_api_compat import array_namespace

from autovoice_core._arrays import as_numpy
from autovoice_core._downmix import Downmix, mixed
from autovoice_core._errors import InputError
from autovoice_core._types import Audio
from autovoice_core.audio.source import BLOCK_FRAMES, Block, Source


class MonoMix:
    """A source mixed to one channel by :class:`~autovoice_core._downmix.Downmix`."""

    channels = 1

    def __init__(self, source: Source) -> None:
        self._source = source
        self.name, self.sample_rate, self.frames = source.name, source.sample_rate, source.frames

    def blocks(self, size: int) -> Iterator[Block]:
        """Yield consecutive blocks of ``size`` frames, the last one shorter, where they lie."""
        if self._source.channels == 1:
            yield from self._source.blocks(size)
            return
        downmix, blocks = _begun(self._source, size)
        for block in blocks:
            yield downmix.feed(block)


class MonoPair:
    """Two sources of one rate and length as one of two channels: each mixed to one channel.

    If they have as many channels, both are mixed by the weights of the first, so that what is in
    both stays so.

    Raises
    ------
    InputError
        The rates or lengths differ.
    """

    channels = 2

    def __init__(self, one: Source, other: Source) -> None:
        if (one.sample_rate, one.frames) != (other.sample_rate, other.frames):
            raise InputError(
                f"{other.name}: {other.frames} samples at {other.sample_rate} Hz, but {one.name} "
                f"has {one.frames} at {one.sample_rate} Hz; give the song that it is from"
            )
        self._one, self._other = one, other
        self.name, self.sample_rate, self.frames = one.name, one.sample_rate, one.frames

    def blocks(self, size: int) -> Iterator[Block]:
        """Yield consecutive blocks of ``size`` frames, the last one shorter, on the host."""
        if self._one.channels != self._other.channels:
            mixes = (MonoMix(source).blocks(size) for source in (self._one, self._other))
            for pair in zip(*mixes, strict=True):
                yield np.concatenate([as_numpy(block) for block in pair])
            return
        downmix, blocks = _begun(self._one, size)
        for one, other in zip(blocks, self._other.blocks(size), strict=True):
            weights = downmix.measure(one)
            yield np.concatenate([as_numpy(mixed(block, weights)) for block in (one, other)])


def split_pair(pair: Audio) -> tuple[Audio, Audio]:
    """Return the two channels of a window of a :class:`MonoPair`."""
    samples = pair.numpy()
    return Audio(samples[:1], pair.sample_rate), Audio(samples[1:], pair.sample_rate)


def _begun(source: Source, size: int) -> tuple[Downmix, Iterator[Block]]:
    """Return a downmix that has seen what ``source`` begins with, and all blocks of it."""
    blocks = source.blocks(size)
    first: list[Block] = []
    for block in blocks:
        first.append(block)
        if sum(each.shape[1] for each in first) >= BLOCK_FRAMES:
            break
    begin = array_namespace(*first).concat(first, axis=1)[:, :BLOCK_FRAMES] if first else None
    return Downmix(source.sample_rate, begin), chain(first, blocks)
