"""Files of indexes: true ones that faiss wrote, and ones of any size and fault."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MADE_BY_FAISS = Path(__file__).parents[1] / "data" / "index"
"""Written by faiss 1.15, each of :func:`vectors_of_faiss` or its first two."""


def vectors_of_faiss(count: int = 6) -> NDArray[np.float32]:
    """Return the vectors that are in the files of faiss, all of which float16 can hold."""
    row, column = np.indices((count, 256))
    values: NDArray[np.float32] = ((31 * row**2 + 7 * column * (row + 1)) % 129 - 64).astype(
        np.float32
    ) / 8
    return values


def header(width: int, total: int, metric: int = 1) -> bytes:
    return struct.pack("<iqqq?i", width, total, 1 << 20, 1 << 20, True, metric)


def count(number: int) -> bytes:
    return struct.pack("<Q", number)


def flat(vectors: NDArray[np.float32], kind: bytes = b"IxF2", metric: int = 1) -> bytes:
    """Return a flat index."""
    total, width = vectors.shape
    values = vectors.astype("<f4").tobytes()
    return kind + header(width, total, metric) + count(total * width) + values


def ivf(
    lists: list[NDArray[np.float32]],
    ids: NDArray[np.int64] | None = None,
    /,
    **changes: Any,
) -> bytes:
    """Return an IVF Flat index of these lists, as RVC makes them; ``changes`` replace its parts."""
    width = lists[0].shape[1]
    total = sum(map(len, lists))
    ids = np.arange(total) if ids is None else ids
    parts = {
        "kind": b"IwFl",
        "header": header(width, total),
        "lists": count(len(lists)),
        "probes": count(1),
        "centroids": flat(np.zeros((len(lists), width), np.float32)),
        "places": b"\0" + count(0),
        "storage": b"ilar" + count(len(lists)) + count(4 * width),
        "sizes": b"full" + count(len(lists)) + b"".join(count(len(each)) for each in lists),
    }
    done = 0
    for number, each in enumerate(lists):
        given = ids[done : done + len(each)].astype("<i8").tobytes()
        parts[f"list {number}"] = each.astype("<f4").tobytes() + given
        done += len(each)
    return b"".join({**parts, **changes}.values())
