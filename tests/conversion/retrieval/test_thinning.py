from __future__ import annotations

from typing import Any

import numpy as np
from conversion_truth import phrase
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.exemplars import KEPT
from autovoice_core.conversion.retrieval.pieces import PIECE, Pieces
from autovoice_core.conversion.retrieval.retrieval import Retrieval
from autovoice_core.voices.enrol import MAX_KEPT_SECONDS


def material(runs: list[int], begin: int = 0) -> dict[str, NDArray[Any]]:
    follows = np.concatenate([np.arange(run) > 0 for run in runs])
    return {"follows": follows, "number": begin + np.arange(follows.size)}


def chosen(parts: list[list[int]], limit: int) -> dict[str, NDArray[Any]]:
    pieces, begin = Pieces(limit), 0
    for runs in parts:
        pieces.add(material(runs, begin))
        begin += sum(runs)
        assert sum(numbers.size for numbers, _ in pieces._held) <= 2 * limit
    return pieces.chosen()


_PARTS = st.lists(st.lists(st.integers(1, 400), min_size=1, max_size=6), min_size=1, max_size=12)


@given(parts=_PARTS, limit=st.integers(200, 3000))
def test_pieces_are_kept_whole_in_order_and_say_what_follows(
    parts: list[list[int]], limit: int
) -> None:
    total = sum(map(sum, parts))
    found = chosen(parts, limit)
    number, follows = found["number"], found["follows"]
    assert (np.diff(number) > 0).all()
    whole = material([run for runs in parts for run in runs])["follows"]
    # What follows does so in the recordings, and nothing that does is said not to.
    beside = np.append(False, np.diff(number) == 1)
    assert np.array_equal(follows, beside & whole[number])
    if total <= limit:
        assert number.size == total
    else:
        assert limit / 2 - PIECE * 4 < number.size < limit + PIECE * 8


@given(limit=st.integers(500, 2000), count=st.integers(40, 160))
def test_what_is_kept_comes_from_all_the_recordings(limit: int, count: int) -> None:
    found = chosen([[100]] * count, limit)
    if 100 * count > limit:
        assert abs(found["number"].size - limit) <= PIECE
    step = np.diff(found["number"], append=100 * count, prepend=0)
    assert step.max() <= 3 * PIECE * max(1, 100 * count // limit)


def test_long_recordings_are_reduced_to_pieces_from_all_of_them(converter: Retrieval) -> None:
    recordings = [phrase(8000, f0, 1.0, 3.0) for f0 in (120.0, 160.0, 240.0)]
    every = converter.learn(recordings)
    fewer = converter.learn(iter(recordings), keep=3.0)
    count = fewer["follows"].size
    assert 200 <= count <= 300 < every["follows"].size
    assert {values.shape[0] for values in fewer.values()} == {count}
    # Every frame is one of the recordings', and they come from all over.
    places = [
        int(np.flatnonzero((every["envelope"] == row).all(axis=1))[0]) for row in fewer["envelope"]
    ]
    assert np.all(np.histogram(places, 3)[0] > 50)
    again = converter.learn(recordings, keep=3.0)
    assert all(np.array_equal(again[name], values) for name, values in fewer.items())


def test_a_profile_stays_small(converter: Retrieval) -> None:
    features = converter.learn([phrase(16_000, 200.0, 1.0, 2.0)])
    frame = sum(values.nbytes for values in features.values()) / features["follows"].size
    assert frame * 100 * KEPT < 9e6
    assert frame * 100 * MAX_KEPT_SECONDS < 20e6
    for values in features.values():
        assert np.isfinite(values).all()
