"""Vectors of indexes come out exactly; damaged ones and those of other kinds are refused."""

from __future__ import annotations

import io
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from rvc_index_files import MADE_BY_FAISS, flat, ivf, vectors_of_faiss

from autovoice_core import ModelError
from autovoice_rvc.files import index
from autovoice_rvc.files.index import Index, parse_index, read_index

INDEX = Path("added.index")
WHOLE = [path.stem for path in sorted(MADE_BY_FAISS.glob("*.index")) if "trained" not in path.stem]


def parsed(content: bytes) -> Index:
    return parse_index(io.BytesIO(content), INDEX)


def random(count: int, width: int = 256, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32)


def test_the_files_that_faiss_wrote_are_those_meant() -> None:
    assert [
        *("flat", "flat_inner_product", "ivf", "ivf_inner_product", "ivf_map_array"),
        *("ivf_map_hash", "ivf_sparse", "map", "map_2", "map_of_ivf"),
    ] == WHOLE
    assert b"sprs" in (MADE_BY_FAISS / "ivf_sparse.index").read_bytes()


@pytest.mark.parametrize("name", WHOLE)
def test_vectors_of_a_file_of_faiss_come_out_exactly_in_the_order_of_ids(name: str) -> None:
    found = read_index(MADE_BY_FAISS / f"{name}.index")
    wanted = vectors_of_faiss()[: 2 if name == "ivf_sparse" else 6]
    assert found.vectors.dtype == np.float16
    np.testing.assert_array_equal(found.vectors, wanted)
    assert found.warnings == ()


@pytest.mark.parametrize("width", [256, 768])
def test_lists_larger_than_a_block_come_out_in_the_order_of_ids(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "BLOCK_ROWS", 7)
    vectors = random(100, width)
    ids = np.random.default_rng(1).permutation(100)
    lists = np.split(vectors[ids], [20, 20, 27])
    np.testing.assert_array_equal(parsed(ivf(lists, ids)).vectors, vectors.astype(np.float16))


def test_of_too_many_vectors_an_even_share_is_kept_and_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index, "MAX_VECTORS", 20)
    vectors = random(50)
    order = np.random.default_rng(2).permutation(50)
    found = parsed(ivf([vectors[order[:30]], vectors[order[30:]]], order))
    kept = [number * 50 // 20 for number in range(20)]
    np.testing.assert_array_equal(found.vectors, vectors[kept].astype(np.float16))
    assert found.warnings == ("of the 50 vectors of the index, 20 are kept, evenly spaced",)


def test_memory_follows_the_vectors_kept_not_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "MAX_VECTORS", 100)
    monkeypatch.setattr(index, "BLOCK_ROWS", 100)
    stream = io.BytesIO(ivf([random(5000), random(5000)]))
    tracemalloc.start()
    parse_index(stream, INDEX)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Blocks of 100 kB, and ids, order and rows of 80 kB each; the file has 10 MB.
    assert peak < 1_000_000


def refusal(content: bytes) -> str:
    with pytest.raises(ModelError) as caught:
        parsed(content)
    begin, _, rest = str(caught.value).partition(": ")
    assert begin == str(INDEX)
    return rest


def test_an_index_that_is_only_trained_is_refused() -> None:
    with pytest.raises(ModelError) as caught:
        read_index(MADE_BY_FAISS / "trained_ivf.index")
    assert str(caught.value) == (
        f"{MADE_BY_FAISS / 'trained_ivf.index'}: is a trained index without vectors; use the file "
        'of the same training whose name begins with "added_", or go without the index'
    )


@pytest.mark.parametrize(
    ("letters", "kind"),
    [
        (b"IwPQ", "IVF with product quantisation"),
        (b"IwSq", "IVF with scalar quantisation"),
        (b"IwFd", "IVF without duplicates"),
        (b"IxPT", "vectors after a transform such as PCA"),
        (b"IHNf", "a graph (HNSW)"),
        (b"IBxF", "binary vectors"),
    ],
)
def test_an_index_of_another_kind_is_refused_by_name(letters: bytes, kind: str) -> None:
    assert refusal(letters + bytes(100)) == (
        f"is an index of {kind}, which is not read; ask for the one that RVC made "
        '("added_IVF…_Flat_….index"), or go without the index'
    )


def test_lists_that_are_found_by_a_graph_are_refused() -> None:
    assert refusal(ivf([random(2)], centroids=b"IHNf" + bytes(100))) == (
        "finds its vectors by a graph (HNSW), which is not read; ask for the index that RVC made "
        '("added_IVF…_Flat_….index"), or go without the index'
    )


def test_another_distance_is_refused() -> None:
    assert refusal(flat(random(2), b"IxFl", metric=2)) == (
        "compares vectors in a way that RVC does not (metric 2); go without the index"
    )


def test_vectors_of_another_length_are_refused() -> None:
    assert refusal(flat(random(2, 192))) == (
        "holds vectors of 192 values, but those of RVC voices have 256 (v1) or 768 (v2); "
        "use the index that belongs to the voice, or none"
    )


def test_what_is_no_index_is_refused_with_its_first_letters_made_safe() -> None:
    assert refusal(b"\x1b[2J" + bytes(100)) == (
        r'is no index of faiss (it begins with "\x1b[2J"); '
        "download it again, or go without the index"
    )


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"") == "is empty; download it again, or go without the index"


def test_vectors_in_another_file_are_refused() -> None:
    assert refusal(ivf([random(2)], storage=b"ilod" + bytes(100))) == (
        'keeps its vectors elsewhere ("ilod"); ask for a whole index, or go without the index'
    )


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 65_505.0])
def test_numbers_that_are_no_content_are_refused(value: float) -> None:
    vectors = random(4)
    vectors[3, 255] = value
    assert refusal(ivf([vectors])) == (
        "holds numbers that are no content of a voice (infinite, above 65,504, or none at all), "
        "so it is damaged; download it again, or go without the index"
    )


def test_an_index_of_more_bytes_than_are_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "MAX_INDEX_BYTES", 2000)
    assert refusal(flat(random(2))) == ("has 2 kB, more than the 2 kB that are read of an index")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        read_index(tmp_path / "no.index")
    assert str(caught.value) == (
        f"{tmp_path / 'no.index'}: can't be read (No such file or directory)"
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
def test_a_fifo_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.index")
    with pytest.raises(ModelError) as caught:
        read_index(tmp_path / "fifo.index")
    assert str(caught.value) == (
        f"{tmp_path / 'fifo.index'}: can't be read (it is no file but a FIFO, a device or a socket)"
    )


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_that_is_cut_anywhere_is_refused(name: str) -> None:
    content = (MADE_BY_FAISS / f"{name}.index").read_bytes()
    for end in [*range(400), *range(400, len(content), 97)]:
        refusal(content[:end])
