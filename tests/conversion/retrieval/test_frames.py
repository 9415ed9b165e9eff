from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core.conversion.retrieval.content import CONTEXT_OFFSETS
from autovoice_core.conversion.retrieval.frames import (
    RecentRows,
    cut_frames,
    hann,
    in_context,
    interpolated,
    interpolated_per_row,
    per_sample,
    runs,
    sample_positions,
    smoothed,
)


def test_frames_lie_at_the_nearest_samples_of_a_song() -> None:
    numbers = np.array([-1, 0, 1, 2, 3])
    assert sample_positions(numbers, 22_050).tolist() == [-220, 0, 221, 441, 662]
    # No frame drifts in a long song.
    assert sample_positions(np.array([360_000]), 11_025).tolist() == [3600 * 11_025]


def test_frames_beyond_the_ends_hold_silence() -> None:
    frames = cut_frames(np.arange(1.0, 5.0)[None], np.array([-2, 3, 9]), 3)
    assert frames.tolist() == [[[0, 0, 1], [4, 0, 0], [0, 0, 0]]]


def test_context_stays_within_a_run() -> None:
    rows = np.arange(12.0)[:, None]
    follows = np.array([False] + [True] * 5 + [False] + [True] * 5)
    around = in_context(rows, follows, CONTEXT_OFFSETS, (0.5, 1.0, 0.5))
    np.testing.assert_array_equal(around[:, 1], rows[:, 0])
    assert around[:6, 0].tolist() == [0.0] * 6
    assert around[6:, 2].tolist() == [5.5] * 6


def test_tracks_are_linear_between_frames() -> None:
    track = np.asarray([0.0, 1.0, 0.0])
    np.testing.assert_allclose(per_sample(track, 5, 200), [0.0, 0.5, 1.0, 0.5, 0.0])
    np.testing.assert_allclose(per_sample(track[1:2], 3, 200), [1.0, 1.0, 1.0])


def test_rows_are_linear_between_points_and_constant_beyond_the_ends() -> None:
    table = np.array([[0.0, 10.0, 20.0], [5.0, 5.0, 8.0]])
    assert interpolated(table, np.array([-1.0, 0.5, 9.0])).tolist() == [[0, 5, 20], [5, 5, 8]]
    assert interpolated_per_row(table, np.array([[1.5], [1.5]])).tolist() == [[15.0], [6.5]]
    assert smoothed(table, (1.0, 2.0, 1.0))[0].tolist() == [1.25, 8.75, 17.0]


def test_runs_begin_where_nothing_is_followed() -> None:
    first, last = runs(np.array([False, True, True, False, False, True]))
    assert first.tolist() == [0, 0, 0, 3, 4, 4]
    assert last.tolist() == [2, 2, 2, 3, 5, 5]


def test_a_hann_window_is_even_and_highest_in_its_middle() -> None:
    assert hann(1) == pytest.approx((0.5, 1.0, 0.5))
    assert hann(0) == (1.0,)


@given(sizes=st.lists(st.integers(0, 9), min_size=1), capacity=st.integers(1, 20))
def test_recent_rows_keep_their_numbers(sizes: list[int], capacity: int) -> None:
    recent, total = RecentRows(capacity), 0
    for size in sizes:
        recent.extend(np.arange(total, total + size)[:, None])
        total += size
        kept = range(max(0, total - capacity), total)
        assert recent.between(kept.start, total)[:, 0].tolist() == list(kept)
