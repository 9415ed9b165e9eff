"""Temporary files of float32 audio, so that memory does not grow with its length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from autovoice_core.audio.source import Block, Source
from autovoice_core.audio.temporary import temporary_writes


class ScratchFile:
    """Float32 audio in a temporary file, written once and read as a ``Source``.

    A context manager for writing; afterwards it can be read as often as needed. The caller removes
    its folder.
    """

    def __init__(self, path: Path, sample_rate: int, channels: int) -> None:
        self._path = path
        self.name = path.name
        self.sample_rate = sample_rate
        self.channels = channels
        self.frames = 0

    def __enter__(self) -> Self:
        self._file = self._path.open("wb")
        return self

    def write(self, block: Block) -> None:
        """Append ``block``, ``(channels, frames)`` float32."""
        with temporary_writes(self._path.parent):
            self._file.write(np.ascontiguousarray(block.T, np.float32).data)
            self._file.flush()  # a full disk is noticed here, not when the file is closed
        self.frames += block.shape[1]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def blocks(self, size: int) -> Iterator[Block]:
        """Yield consecutive blocks of ``size`` frames, the last one shorter."""
        with self._path.open("rb") as file:
            while True:
                values = np.fromfile(file, np.float32, size * self.channels)
                if not values.shape[0]:
                    return
                yield np.ascontiguousarray(values.reshape(-1, self.channels).T)


def write_scratch(path: Path, like: Source, blocks: Iterable[Block]) -> ScratchFile:
    """Write ``blocks``, of the rate and channels of ``like``, to ``path``; return the file."""
    with ScratchFile(path, like.sample_rate, like.channels) as scratch:
        for block in blocks:
            scratch.write(block)
    return scratch
