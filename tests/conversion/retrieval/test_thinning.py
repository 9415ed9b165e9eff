from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from conversion_truth import phrase
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.exemplars import KEPT_SECONDS
from autovoice_core.conversion.retrieval.retrieval import Retrieval
from autovoice_core.conversion.retrieval.thinning import (
    SEGMENT_FRAMES,
    ThinnedFrames,
    ThinnedSegments,
)
from autovoice_core.voices.enrol import MAX_KEPT_SECONDS


def material(runs: list[int], begin: int = 0) -> dict[str, NDArray[Any]]:
    follows = np.concatenate([np.arange(run) > 0 for run in runs])
    return {"follows": follows, "number": begin + np.arange(follows.size)}


def thinned(parts: list[list[int]], limit: int) -> dict[str, NDArray[Any]]:
    segments, begin = ThinnedSegments(limit), 0
    for runs in parts:
        segments.add(material(runs, begin))
        begin += sum(runs)
        assert sum(numbers.size for numbers, _ in segments._kept) <= 2 * limit
    return segments.features()


_PARTS = st.lists(st.lists(st.integers(1, 400), min_size=1, max_size=6), min_size=1, max_size=12)


@given(parts=_PARTS, limit=st.integers(200, 3000))
def test_segments_are_kept_whole_in_order_and_say_what_follows(
    parts: list[list[int]], limit: int
) -> None:
    total = sum(map(sum, parts))
    found = thinned(parts, limit)
    number, follows = found["number"], found["follows"]
    assert (np.diff(number) > 0).all()
    whole = material([run for runs in parts for run in runs])["follows"]
    # What follows does so in the recordings, and nothing that does is said not to.
    consecutive = np.append(False, np.diff(number) == 1)
    assert np.array_equal(follows, consecutive & whole[number])
    if total <= limit:
        assert number.size == total
    else:
        assert limit / 2 - SEGMENT_FRAMES * 4 < number.size < limit + SEGMENT_FRAMES * 8


@given(limit=st.integers(500, 2000), count=st.integers(40, 160))
def test_what_is_kept_comes_from_all_the_recordings(limit: int, count: int) -> None:
    found = thinned([[100]] * count, limit)
    if 100 * count > limit:
        assert abs(found["number"].size - limit) <= SEGMENT_FRAMES
    step = np.diff(found["number"], append=100 * count, prepend=0)
    assert step.max() <= 3 * SEGMENT_FRAMES * max(1, 100 * count // limit)


def test_long_recordings_are_reduced_to_segments_from_all_of_them(converter: Retrieval) -> None:
    recordings = [phrase(8000, f0, 1.0, 3.0) for f0 in (120.0, 160.0, 240.0)]
    every = converter.learn(recordings)
    fewer = converter.learn(iter(recordings), keep=3.0)
    count = fewer["follows"].size
    assert 200 <= count <= 300 < every["follows"].size
    of_frames = ("envelope", "aperiodicity", "follows", "bandwidth")
    assert {fewer[name].shape[0] for name in of_frames} == {count}
    # Every frame is one of the recordings', and they come from all over.
    places = [
        int(np.flatnonzero((every["envelope"] == row).all(axis=1))[0]) for row in fewer["envelope"]
    ]
    assert np.all(np.histogram(places, 3)[0] > 50)
    again = converter.learn(recordings, keep=3.0)
    assert all(np.array_equal(again[name], values) for name, values in fewer.items())


def test_a_profile_stays_small(converter: Retrieval) -> None:
    features = converter.learn([phrase(16_000, 200.0, 1.0, 2.0)])
    whole = ("unvoiced_mean", "unvoiced_covariance", "unvoiced_frames")
    assert sum(features[name].nbytes for name in whole) < 1e5
    frames = [values.nbytes for name, values in features.items() if name not in whole]
    frame = sum(frames) / features["follows"].size
    assert frame * 100 * KEPT_SECONDS < 9e6
    assert frame * 100 * MAX_KEPT_SECONDS < 20e6
    for values in features.values():
        assert np.isfinite(values).all()


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), max_size=20), st.integers(2, 8))
def test_the_same_frames_of_a_song_are_kept_whatever_the_windows(
    cuts: list[int], limit: int
) -> None:
    def filled(edges: list[int]) -> ThinnedFrames:
        kept = ThinnedFrames(limit, 2, 4)
        for first, last in pairwise(edges):
            numbers = kept.wanted(first, last)
            kept.add(numbers, numbers[:, None] * 1.0)
        return kept

    whole, parts = filled([0, 40]), filled(sorted({0, 40, *cuts}))
    np.testing.assert_array_equal(whole.numbers, parts.numbers)
    np.testing.assert_array_equal(parts.rows, parts.numbers[:, None])
    assert parts.numbers.size <= limit
    ends = np.flatnonzero(~whole.follows())
    assert set(np.diff(ends)) <= {2}  # stretches of 4 frames, every second of which is kept
    np.testing.assert_array_equal(whole.numbers[ends] % 4, 0)


def test_of_a_short_song_every_second_frame_is_kept() -> None:
    kept = ThinnedFrames(8, 2, 4)
    numbers = kept.wanted(0, 16)
    assert numbers.tolist() == [0, 2, 4, 6, 8, 10, 12, 14]
    kept.add(numbers, numbers[:, None])
    assert kept.follows().tolist() == [False] + [True] * 7
