"""Indexes of RVC voices: the vectors in a file of faiss, read without faiss.

RVC writes ``IVF{n},Flat`` indexes, which hold every vector as it is. Plain flat indexes and maps of
ids are read as well. Nothing is allocated for what a file says of itself before that is compared
with the size of the file.

The format is that of faiss' ``index_write.cpp``: little-endian, each part begins with four letters.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core import ModelError
from autovoice_core._regular_files import open_regular
from autovoice_core.backends.weights import format_file_size
from autovoice_rvc.files.index_layout import Layout, read_layout

MAX_VECTORS = 200_000
"""Most vectors that are kept: as many as RVC itself searches before it merges them."""
MAX_INDEX_BYTES = 1 << 32
BLOCK_ROWS = 4096
"""Vectors that are read at a time."""

_LARGEST = float(np.finfo(np.float16).max)


@frozen(eq=False)
class Index:
    """The vectors of an index.

    Attributes
    ----------
    vectors
        Content of the singer's recordings, in the order of ids, ``(N, 256 or 768)`` float16.
    warnings
        Sentences about what was left out.
    """

    vectors: NDArray[np.float16]
    warnings: tuple[str, ...] = ()


def read_index(file: Path) -> Index:
    """Return the vectors of an index.

    Of more than 200,000 vectors, as many are kept, evenly spaced in the order of ids.

    Raises
    ------
    ModelError
        The file can't be read, is damaged, or is an index of a kind that is not read.
    """
    try:
        with open_regular(file) as stream:
            return parse_index(stream, file)
    except OSError as error:
        raise ModelError(f"{file}: can't be read ({error.strerror})") from error


def parse_index(stream: BinaryIO, file: Path) -> Index:
    """Return the vectors of an index in a stream, which messages call ``file``.

    Raises
    ------
    ModelError
        See :func:`read_index`.
    """
    size = stream.seek(0, 2)
    check_size(size, file)
    stream.seek(0)
    layout = read_layout(stream, size, file)
    total = len(layout.ids)
    row_of, kept = _rows(layout.ids)
    vectors = np.empty((kept, layout.width), np.float16)
    position = 0
    for start, count in zip(layout.starts.tolist(), layout.counts.tolist(), strict=True):
        stream.seek(start)
        for done in range(0, count, BLOCK_ROWS):
            block = _block(stream, min(BLOCK_ROWS, count - done), layout, file)
            rows = row_of[position : position + len(block)]
            vectors[rows[rows >= 0]] = block[rows >= 0]
            position += len(block)
    if kept == total:
        return Index(vectors)
    told = f"of the {total:,} vectors of the index, {kept:,} are kept, evenly spaced"
    return Index(vectors, (told,))


def check_size(size: int, file: Path) -> None:
    """Raise :class:`ModelError` if ``size`` is more bytes than are read of an index."""
    if size > MAX_INDEX_BYTES:
        raise ModelError(
            f"{file}: has {format_file_size(size)}, more than the "
            f"{format_file_size(MAX_INDEX_BYTES)} that are read of an index"
        )


def _rows(ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Return the row that each stored vector becomes, -1 if it is left out, and their number."""
    order = np.argsort(ids, kind="stable")
    kept = min(len(ids), MAX_VECTORS)
    row_of = np.full(len(ids), -1, np.int64)
    row_of[order[np.arange(kept) * len(ids) // kept]] = np.arange(kept)
    return row_of, kept


def _block(stream: BinaryIO, count: int, layout: Layout, file: Path) -> NDArray[np.float32]:
    content = stream.read(count * layout.width * 4)
    if len(content) < count * layout.width * 4:
        raise ModelError(f"{file}: became shorter while it was read; try again")
    block = np.frombuffer(content, "<f4").reshape(count, layout.width)
    # Not a number is not smaller either.
    if not np.all(np.abs(block) <= _LARGEST):
        raise ModelError(
            f"{file}: holds numbers that are no content of a voice (infinite, above 65,504, or "
            "none at all), so it is damaged; download it again, or go without the index"
        )
    return block
