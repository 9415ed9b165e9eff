"""The layout of an index of faiss: where its vectors lie, and their ids."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from autovoice_core._printable import printable
from autovoice_rvc.files.index_reader import IndexReader

MAX_DEPTH = 4
"""Most indexes inside one another."""

_OTHERS = {
    "IwPQ": "IVF with product quantisation",
    "IvPQ": "IVF with product quantisation",
    "IwQR": "IVF with product quantisation",
    "IwPf": "IVF with product quantisation",
    "IwSq": "IVF with scalar quantisation",
    "IwSQ": "IVF with scalar quantisation",
    "IvSQ": "IVF with scalar quantisation",
    "IwFd": "IVF without duplicates",
    "IvFl": "IVF as faiss wrote it before 2018",
    "IvFL": "IVF as faiss wrote it before 2018",
    "IxPq": "product quantisation",
    "IxPQ": "product quantisation",
    "IxPo": "product quantisation",
    "IxSQ": "scalar quantisation",
    "IxPT": "vectors after a transform such as PCA",
    "IxRF": "a refined index",
    "IxHE": "hashes",
    "IHNf": "a graph (HNSW)",
    "IHNp": "a graph (HNSW)",
    "IHNs": "a graph (HNSW)",
    "IHN2": "a graph (HNSW)",
    "INSf": "a graph (NSG)",
    "IBxF": "binary vectors",
    "IBwF": "binary vectors",
}
"""Kinds of indexes that are not read, by their first letters."""


@frozen(eq=False)
class Layout:
    """Where the vectors of an index lie.

    Attributes
    ----------
    width
        Values of a vector, float32 in the file.
    starts, counts
        Byte at which each piece begins, and its vectors.
    ids
        Ids of the vectors, in the order in which they lie.
    """

    width: int
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]
    ids: NDArray[np.int64]


def read_layout(stream: BinaryIO, size: int, file: Path) -> Layout:
    """Return the layout of an index of ``size`` bytes, which messages call ``file``.

    Raises
    ------
    ModelError
        It is damaged, empty, or of a kind that is not read.
    """
    return _index(IndexReader(stream, size, file), MAX_DEPTH)


def _index(reader: IndexReader, depth: int) -> Layout:
    if reader.left == 0:
        reader.refuse("is empty; download it again, or go without the index")
    kind = reader.letters()
    if kind == "IwFl":
        return _lists(reader)
    if kind in {"IxF2", "IxFI", "IxFl"}:
        return _flat(reader)
    if kind in {"IxMp", "IxM2"} and depth:
        return _mapped(reader, depth)
    if kind in _OTHERS:
        reader.refuse(
            f"is an index of {_OTHERS[kind]}, which is not read; ask for the one that RVC made "
            '("added_IVF…_Flat_….index"), or go without the index'
        )
    return reader.refuse(
        f'is no index of faiss (it begins with "{printable(kind)}"); '
        "download it again, or go without the index"
    )


def _flat(reader: IndexReader) -> Layout:
    """Return the layout of vectors that lie one after another."""
    width, total = reader.header()
    values = reader.count()
    if values != width * total:
        reader.damaged(f"it holds {values:,} numbers for {total:,} vectors of {width}")
    _require_some(reader, total)
    start = reader.place
    reader.skip(4 * values)
    one = np.array([start]), np.array([total])
    return Layout(width, *one, np.arange(total))


def _mapped(reader: IndexReader, depth: int) -> Layout:
    """Return the layout of an index whose ids are given by a table."""
    _, total = reader.header()
    inner = _index(reader, depth - 1)
    given = reader.numbers(reader.count(), "<i8")
    if len(given) != total or len(inner.ids) != total:
        reader.damaged(f"it gives {len(given):,} ids to {len(inner.ids):,} of {total:,} vectors")
    if not np.all((inner.ids >= 0) & (inner.ids < total)):
        reader.damaged("its ids are not in its table of ids")
    return evolve(inner, ids=given[inner.ids])


def _lists(reader: IndexReader) -> Layout:
    """Return the layout of vectors in lists, each around a centroid."""
    width, total = reader.header()
    lists, _ = reader.count(), reader.count()
    _skip_centroids(reader, lists, width)
    _skip_places(reader)
    _require_some(reader, total)
    kind = reader.letters()
    if kind != "ilar":
        reader.refuse(
            f'keeps its vectors elsewhere ("{printable(kind)}"); '
            "ask for a whole index, or go without the index"
        )
    if reader.count() != lists or reader.count() != 4 * width:
        reader.damaged("its lists are not those of its header")
    counts = _counts(reader, lists, 4 * width + 8)
    if counts.sum() != total:
        reader.damaged(f"it holds {counts.sum():,} vectors, not the {total:,} of its header")
    starts, ids = [], []
    for count in counts.tolist():
        starts.append(reader.place)
        reader.skip(4 * width * count)
        ids.append(reader.numbers(count, "<i8"))
    return Layout(width, np.array(starts), counts, np.concatenate(ids))


def _skip_centroids(reader: IndexReader, lists: int, width: int) -> None:
    kind = reader.letters()
    if kind not in {"IxF2", "IxFI", "IxFl"}:
        inner = _OTHERS.get(kind, f'"{printable(kind)}"')
        reader.refuse(
            f"finds its vectors by {inner}, which is not read; ask for the index that RVC made "
            '("added_IVF…_Flat_….index"), or go without the index'
        )
    inner_width, total = reader.header()
    values = reader.count()
    if inner_width != width or total != lists or values != lists * width:
        reader.damaged(f"it has {total:,} centroids of {inner_width} for {lists:,} lists")
    reader.skip(4 * values)


def _skip_places(reader: IndexReader) -> None:
    """Skip the table of where each vector lies: none, an array, or an array and pairs."""
    kind = reader.bytes(1)[0]
    if kind > 2:
        reader.damaged(f"its table of places is of the kind {kind}")
    reader.skip(8 * reader.count())
    if kind == 2:
        reader.skip(16 * reader.count())


def _counts(reader: IndexReader, lists: int, bytes_each: int) -> NDArray[np.int64]:
    """Return the vectors of each list that has any."""
    kind, length = reader.letters(), reader.count()
    counts = reader.numbers(length, "<u8")
    if kind == "sprs":
        if length % 2 or not np.all((counts[::2] >= 0) & (counts[::2] < lists)):
            reader.damaged("it has vectors in lists that it does not have")
        if length // 2 != len(np.unique(counts[::2])):
            reader.damaged("it names a list twice")
        counts = counts[1::2][np.argsort(counts[::2])]
    elif kind != "full" or length != lists:
        reader.damaged("it does not say how long its lists are")
    if not np.all((counts >= 0) & (counts <= reader.left // bytes_each)):
        reader.damaged("its lists are longer than the file")
    return counts[counts > 0]


def _require_some(reader: IndexReader, total: int) -> None:
    if total == 0:
        reader.refuse(
            "is a trained index without vectors; use the file of the same training whose name "
            'begins with "added_", or go without the index'
        )
