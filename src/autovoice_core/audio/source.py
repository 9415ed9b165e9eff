"""Sources: audio of any length that is read block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from typing import Any, Protocol

import numpy as np
from array_api_compat import array_namespace, device
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._arrays import all_finite, as_array_api, as_numpy
from autovoice_core._errors import InputError
from autovoice_core._provenance import Provenance
from autovoice_core._types import Audio

Block = NDArray[np.float32]
"""``(channels, frames)`` float32: on the host, unless the source lies in a device's memory."""

BLOCK_FRAMES = 1 << 16
"""Frames of a block where nothing asks for another size."""


class Source(Protocol):
    """Audio that can be read from its beginning as often as needed."""

    @property
    def name(self) -> str:
        """What error messages call it."""

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
        samples = as_array_api(self.audio.samples)
        for start in range(0, samples.shape[1], size):
            block = samples[:, start : start + size]
            check_finite(block, self.name, start, self.sample_rate)
            yield block


class AudioBuffer:
    """Sound in memory that is written block by block, as a file is."""

    def __init__(self, sample_rate: int, channels: int, frames: int) -> None:
        self.sample_rate, self.channels = sample_rate, channels
        # Filled, so that the memory is in use from the start and counts against a limit.
        self._samples = np.full((channels, frames), 0, np.float32)
        self._done = 0

    def write(self, block: Block) -> None:
        """Append ``block``, ``(channels, frames)``."""
        self._samples[:, self._done : self._done + block.shape[1]] = block
        self._done += block.shape[1]

    def audio(self, made_by: tuple[Provenance, ...]) -> Audio:
        """Return what was written, made by the operations ``made_by``."""
        return Audio(self._samples, self.sample_rate, made_by)


class Difference:
    """A source minus another of its shape, as a :class:`Source`."""

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


class WhileWanted:
    """A source that can't be read any further once it is no longer wanted."""

    def __init__(self, source: Source, wanted: Callable[[], bool]) -> None:
        self._source, self._wanted = source, wanted
        self.name, self.sample_rate = source.name, source.sample_rate
        self.channels, self.frames = source.channels, source.frames

    def blocks(self, size: int) -> Iterator[Block]:
        """Yield consecutive blocks of ``size`` frames, the last one shorter.

        Raises
        ------
        CancelledError
            They are no longer wanted.
        """
        for block in self._source.blocks(size):
            if not self._wanted():
                raise CancelledError
            yield block


def concatenate(blocks: Iterable[Any], shape: tuple[int, ...]) -> Any:
    """Return consecutive ``blocks`` as one array of ``shape``, on the device of the first."""
    whole: Any = np.zeros(shape, np.float32)
    done = 0
    for block in blocks:
        if not done and not isinstance(block, np.ndarray):
            xp = array_namespace(block)
            whole = xp.zeros(shape, dtype=xp.float32, device=device(block))
        whole[..., done : done + block.shape[-1]] = block
        done += block.shape[-1]
    return whole


def check_finite(block: Block, name: str, start: int, sample_rate: int) -> None:
    """Check for NaN and infinity, which would spread through every later stage.

    Raises
    ------
    InputError
        A sample is not finite; the message says where the first one lies.
    """
    if all_finite(block):
        return
    block = as_numpy(block)
    frame = int(np.flatnonzero(~np.isfinite(block).all(axis=0))[0])
    raise InputError(
        f"{name}: the sample at {(start + frame) / sample_rate:.3f} s is not finite "
        "(NaN or infinity); export the audio again"
    )
