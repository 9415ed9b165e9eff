"""Audio of any length, read block by block: a file, an ``Audio``, or what is made of others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._arrays import all_finite, as_numpy, workable
from autovoice_core._errors import InputError
from autovoice_core._types import Audio

Block = NDArray[np.float32]
"""``(channels, frames)`` float32: on the host, but for a sound in memory that lies on a device."""


class Source(Protocol):
    """Audio that can be read from its beginning as often as needed."""

    @property
    def name(self) -> str:
        """How an error message calls it."""

    @property
    def sample_rate(self) -> int:
        """Frames a second."""

    @property
    def channels(self) -> int:
        """How many channels there are."""

    @property
    def frames(self) -> int:
        """How many samples each channel has."""

    def blocks(self, size: int) -> Iterator[Block]:
        """Yield consecutive blocks of ``size`` frames, the last one shorter, all finite."""


@frozen(eq=False)
class AudioInMemory:
    """An :class:`Audio` read as a :class:`Source`."""

    audio: Audio
    name: str = "audio"

    @property
    def sample_rate(self) -> int:
        """Frames a second."""
        return self.audio.sample_rate

    @property
    def channels(self) -> int:
        """How many channels there are."""
        return self.audio.channels

    @property
    def frames(self) -> int:
        """How many samples each channel has."""
        return self.audio.frames

    def blocks(self, size: int) -> Iterator[Block]:
        """Yield views of the samples where they lie, ``size`` frames each."""
        samples = workable(self.audio.samples)
        for start in range(0, samples.shape[1], size):
            block = samples[:, start : start + size]
            check_finite(block, self.name, start, self.sample_rate)
            yield block


class Difference:
    """A source less another of its shape, as a :class:`Source`."""

    def __init__(self, whole: Source, part: Source) -> None:
        self._whole, self._part = whole, part
        self.name, self.sample_rate = whole.name, whole.sample_rate
        self.channels, self.frames = whole.channels, whole.frames

    def blocks(self, size: int) -> Iterator[Block]:
        """Yield consecutive blocks of ``size`` frames, the last one shorter."""
        for whole, part in zip(self._whole.blocks(size), self._part.blocks(size), strict=True):
            yield whole - part


class Scaled:
    """A source times a gain, as a :class:`Source`."""

    def __init__(self, source: Source, gain: float) -> None:
        self._source, self._gain = source, np.float32(gain)
        self.name, self.sample_rate = source.name, source.sample_rate
        self.channels, self.frames = source.channels, source.frames

    def blocks(self, size: int) -> Iterator[Block]:
        """Yield consecutive blocks of ``size`` frames, the last one shorter."""
        for block in self._source.blocks(size):
            yield self._gain * block


def as_source(audio: Audio | Source | str | Path) -> Source:
    """Return ``audio`` as something that can be read block by block.

    Raises
    ------
    InputError
        It is a path of a file that can't be read as sound.
    """
    if isinstance(audio, Audio):
        return AudioInMemory(audio)
    if isinstance(audio, (str, Path)):
        from autovoice_core.audio.reading import AudioFile

        return AudioFile(audio)
    return audio


def check_finite(block: Block, name: str, start: int, sample_rate: int) -> None:
    """Refuse NaN and infinity, which would spread through every later stage.

    Raises
    ------
    InputError
        Names the place of the first sample that is not finite.
    """
    if all_finite(block):
        return
    block = as_numpy(block)
    frame = int(np.flatnonzero(~np.isfinite(block).all(axis=0))[0])
    raise InputError(
        f"{name}: the sample at {(start + frame) / sample_rate:.3f} s is not finite "
        "(NaN or infinity); export the audio again from where it came from"
    )
