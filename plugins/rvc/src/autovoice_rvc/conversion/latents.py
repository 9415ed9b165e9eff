"""Latents of a whole song, as the text encoder gives them, in a temporary file until it is sung."""

from __future__ import annotations

import tempfile
import weakref
from threading import Lock

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

ROWS = 384
"""Mean and logarithm of the deviation of 192 values."""


@frozen
class _Part:
    first: int
    frames: int
    offset: int


class Latents:
    """Latents by their frame of 10 ms, written block by block: 77 kB a second of song.

    Blocks overlap, and are crossfaded where they do.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="autovoice-rvc-")  # noqa: SIM115  # closed below
        weakref.finalize(self, self._file.close)
        self._parts: list[_Part] = []
        self._lock = Lock()

    def write(self, first: int, latents: NDArray[np.floating]) -> None:
        """Keep ``(384, frames)`` of the frames from ``first`` on, after those of the last block."""
        with self._lock:
            self._file.seek(0, 2)
            offset = self._file.tell()
            self._file.write(np.ascontiguousarray(latents.T, np.float16).data)
            self._parts.append(_Part(first, latents.shape[1], offset))

    def read(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return ``(384, stop - start)``; frames beyond the ends repeat the outermost."""
        if not self._parts:
            return np.zeros((ROWS, stop - start), np.float32)
        last = self._parts[-1]
        frames = np.clip(np.arange(start, stop), self._parts[0].first, last.first + last.frames - 1)
        low, high = int(frames[0]), int(frames[-1]) + 1
        found = np.zeros((high - low, ROWS), np.float32)
        ready = low
        for part in self._parts:
            begin, end = max(part.first, low), min(part.first + part.frames, high)
            if begin >= end:
                continue
            values = self._values(part, begin, end)
            both = ready - begin  # frames that the block before has, too
            if both > 0:
                # The fade spans all of the overlap, of which only some may be asked for.
                overlap = self._overlap(part)
                places = np.arange(begin, ready, dtype=np.float32)[:, None] - part.first + 1
                rise = np.clip(places / (overlap + 1), 0.0, 1.0)
                kept = found[begin - low : ready - low]
                values[:both] = rise * values[:both] + (1 - rise) * kept
            found[begin - low : end - low] = values
            ready = end
        return np.ascontiguousarray(found[frames - low].T)

    def _overlap(self, part: _Part) -> int:
        before = self._parts[self._parts.index(part) - 1]
        return before.first + before.frames - part.first

    def _values(self, part: _Part, begin: int, end: int) -> NDArray[np.float32]:
        with self._lock:
            self._file.seek(part.offset + 2 * ROWS * (begin - part.first))
            data = self._file.read(2 * ROWS * (end - begin))
        return np.frombuffer(data, np.float16).reshape(-1, ROWS).astype(np.float32)
