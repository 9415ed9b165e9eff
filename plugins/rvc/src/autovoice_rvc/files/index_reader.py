"""A reader of numbers in a file of faiss that believes none of them."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO, NoReturn

import numpy as np
from numpy.typing import NDArray

from autovoice_core import ModelError

WIDTHS = (256, 768)
"""Values of a vector: the content of RVC v1 and v2."""

_HEADER = struct.Struct("<iqqq?i")
"""Values of a vector, number of vectors, two numbers unused, whether it is trained, the metric."""
_INNER_PRODUCT, _L2 = 0, 1


class IndexReader:
    """Reads numbers of a file, never more than it has; messages call it ``file``."""

    def __init__(self, stream: BinaryIO, size: int, file: Path) -> None:
        self._stream, self._size, self._file = stream, size, file
        self.place = 0

    @property
    def left(self) -> int:
        """Bytes that are not read yet."""
        return self._size - self.place

    def refuse(self, fault: str) -> NoReturn:
        """Say ``fault`` of the file."""
        raise ModelError(f"{self._file}: {fault}")

    def damaged(self, fault: str) -> NoReturn:
        """Say that the file is damaged, and by what it shows."""
        self.refuse(f"is no whole index ({fault}); download it again, or go without the index")

    def bytes(self, count: int) -> bytes:
        """Return the next ``count`` bytes."""
        if count > self.left:
            self.damaged("it is cut")
        content = self._stream.read(count)
        if len(content) < count:
            self.damaged("it is cut")
        self.place += count
        return content

    def skip(self, count: int) -> None:
        """Go over the next ``count`` bytes."""
        if count > self.left:
            self.damaged("it is cut")
        self.place += count
        self._stream.seek(self.place)

    def letters(self) -> str:
        """Return the four letters that a part of an index begins with."""
        return self.bytes(4).decode("latin-1")

    def count(self) -> int:
        """Return a number of eight bytes, from 0."""
        return int.from_bytes(self.bytes(8), "little")

    def numbers(self, count: int, kind: str) -> NDArray[np.int64]:
        """Return ``count`` numbers of eight bytes."""
        content = self.bytes(8 * count)
        return np.frombuffer(content, kind).astype(np.int64, copy=False)

    def header(self) -> tuple[int, int]:
        """Return the values of a vector and the number of vectors."""
        width, total, _, _, _, metric = _HEADER.unpack(self.bytes(_HEADER.size))
        if metric not in {_INNER_PRODUCT, _L2}:
            self.refuse(
                f"compares vectors in a way that RVC does not (metric {metric}); "
                "go without the index"
            )
        if width not in WIDTHS:
            self.refuse(
                f"holds vectors of {width:,} values, but those of RVC voices have 256 (v1) or "
                "768 (v2); use the index that belongs to the voice, or none"
            )
        if not 0 <= total <= self.left:
            self.damaged(f"it says that it holds {total:,} vectors")
        return width, total
