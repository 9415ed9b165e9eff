"""Indexes that say of themselves what is not so are refused before anything is allocated."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from rvc_index_files import count, flat, header, ivf

from autovoice_core import ModelError
from autovoice_rvc.files.index import parse_index

TWO = np.ones((2, 256), np.float32)
ENDLESS = 2**63 - 1


def places(kind: int, length: int) -> bytes:
    return bytes([kind]) + count(length)


def mapped(inner: bytes, ids: list[int], total: int = 2, length: int | None = None) -> bytes:
    given = np.array(ids, "<i8").tobytes()
    return b"IxMp" + header(256, total) + inner + count(length or len(ids)) + given


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (ivf([TWO])[:-1], "its lists are longer than the file"),
        (flat(TWO)[:-1], "it is cut"),
        (ivf([TWO], header=header(256, -1)), "it says that it holds -1 vectors"),
        (
            ivf([TWO], header=header(256, ENDLESS)),
            "it says that it holds 9,223,372,036,854,775,807 vectors",
        ),
        (ivf([TWO], header=header(256, 3)), "it holds 2 vectors, not the 3 of its header"),
        (
            ivf([TWO], lists=count(ENDLESS)),
            "it has 1 centroids of 256 for 9,223,372,036,854,775,807 lists",
        ),
        (ivf([TWO], centroids=flat(TWO)), "it has 2 centroids of 256 for 1 lists"),
        (ivf([TWO], places=places(3, 0)), "its table of places is of the kind 3"),
        (ivf([TWO], places=places(1, ENDLESS)), "it is cut"),
        (ivf([TWO], places=places(2, 0) + count(2**60)), "it is cut"),
        (
            ivf([TWO], storage=b"ilar" + count(2) + count(1024)),
            "its lists are not those of its header",
        ),
        (
            ivf([TWO], storage=b"ilar" + count(1) + count(1020)),
            "its lists are not those of its header",
        ),
        (ivf([TWO], sizes=b"half" + count(1) + count(2)), "it does not say how long its lists are"),
        (ivf([TWO], sizes=b"full" + count(ENDLESS)), "it is cut"),
        (
            ivf([TWO], sizes=b"full" + count(1) + count(2**64 - 1)),
            "its lists are longer than the file",
        ),
        (ivf([TWO], sizes=b"full" + count(1) + count(3)), "its lists are longer than the file"),
        (
            ivf([TWO], sizes=b"sprs" + count(2) + count(1) + count(2)),
            "it has vectors in lists that it does not have",
        ),
        (
            ivf([TWO], sizes=b"sprs" + count(1) + count(0)),
            "it has vectors in lists that it does not have",
        ),
        (
            ivf([TWO], sizes=b"sprs" + count(4) + 2 * (count(0) + count(1))),
            "it names a list twice",
        ),
        (
            b"IxF2" + header(256, 2) + count(ENDLESS),
            "it holds 9,223,372,036,854,775,807 numbers for 2 vectors of 256",
        ),
        (mapped(flat(TWO), [0, 1, 2]), "it gives 3 ids to 2 of 2 vectors"),
        (mapped(flat(TWO), [0, 1], length=ENDLESS), "it is cut"),
        (
            mapped(ivf([TWO], np.array([0, 2])), [0, 1]),
            "its ids are not in its table of ids",
        ),
        (
            mapped(ivf([TWO], np.array([-1, 0])), [0, 1]),
            "its ids are not in its table of ids",
        ),
    ],
)
def test_an_index_that_contradicts_itself_is_refused(content: bytes, fault: str) -> None:
    tracemalloc.start()
    with pytest.raises(ModelError) as caught:
        parse_index(io.BytesIO(content), Path("added.index"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(caught.value) == (
        f"added.index: is no whole index ({fault}); download it again, or go without the index"
    )
    assert peak < 100_000


def test_maps_of_maps_end() -> None:
    content = flat(TWO)
    for _ in range(5):
        content = mapped(content, [0, 1])
    with pytest.raises(ModelError) as caught:
        parse_index(io.BytesIO(content), Path("added.index"))
    assert str(caught.value) == (
        'added.index: is no index of faiss (it begins with "IxMp"); '
        "download it again, or go without the index"
    )
