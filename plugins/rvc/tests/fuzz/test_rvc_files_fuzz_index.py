"""Indexes of any bytes are read or refused in one line, in little memory and few steps."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from mutations import mutated
from rvc_index_files import MADE_BY_FAISS

from autovoice_core import ModelError
from autovoice_rvc.files.index import parse_index

Fuzz = Callable[..., None]

FILE = Path("added.index")
ORIGINALS = [path.read_bytes() for path in sorted(MADE_BY_FAISS.glob("*.index"))]
KILOBYTE = 1024
"""Bytes of a vector in these files, the shortest that there are."""


def places(content: bytes) -> list[int]:
    """Return where a file says what it holds: at its ends, and at the head of its lists."""
    lists = content.find(b"ilar")
    heads = [*range(130), *range(len(content) - 64, len(content))]
    return heads + ([] if lists < 0 else [*range(lists - 40, lists + 70)])


PLACES = [places(content) for content in ORIGINALS]


class Counted(io.BytesIO):
    """A file that counts what is read of it, and how often."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.times = self.bytes = 0

    def read(self, size: int | None = -1) -> bytes:
        content = super().read(size)
        self.times += 1
        self.bytes += len(content)
        return content


def check(content: bytes) -> bool:
    """Read an index; return whether it was read."""
    stream = Counted(content)
    tracemalloc.start()
    try:
        vectors = parse_index(stream, FILE).vectors
    except ModelError as error:
        text = str(error)
        assert text.startswith("added.index: ")
        assert "\n" not in text
        assert len(text) < 400
        return False
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 4 * len(content) + 20_000
        assert stream.bytes <= 2 * len(content)
        # Each piece has at least one vector, and is read twice.
        assert stream.times <= 40 + 2 * len(content) // KILOBYTE
    assert vectors.dtype == np.float16
    assert vectors.shape[1] in {256, 768}
    assert np.isfinite(vectors).all()
    assert 0 < 2 * vectors.nbytes <= len(content)
    return True


def test_an_index_of_any_bytes_is_read_or_refused_in_one_line(fuzz: Fuzz) -> None:
    for content in ORIGINALS:  # what is imported at first is not the examples'
        with suppress(ModelError):
            parse_index(io.BytesIO(content), FILE)
    read: list[bool] = []
    fuzz(mutated(ORIGINALS, PLACES), lambda content: read.append(check(content)), examples=1000)
    assert {True, False} == set(read)
