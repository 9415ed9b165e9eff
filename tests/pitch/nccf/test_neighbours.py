"""Frames off the line through their neighbours, on tracks made by hand."""

from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np
import pytest
from numpy.typing import NDArray

from autovoice_core.pitch.nccf.neighbours import MOST, crowd, off_line
from autovoice_core.pitch.nccf.parameters import ONE, Tuning

TUNING, RATE = Tuning(), 22050
STEP = 220
"""Samples from frame to frame, 10 ms."""


def moved(
    place: NDArray[np.int64], score: NDArray[np.int64], sung: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    at = STEP * np.arange(len(place))
    voiced = np.ones(len(place), bool) if sung is None else sung
    near = crowd(at, round(TUNING.line * RATE))
    found = off_line(
        xp, score.astype(np.int32), place.astype(np.int32), voiced, at, TUNING, RATE, near
    )
    return np.asarray(found)


SURE, UNSURE = np.full(21, ONE - 20), np.full(21, ONE - 20)
UNSURE[10] = ONE // 2


def glide(slope: int) -> NDArray[np.int64]:
    return 5000 + slope * np.arange(21)


@pytest.mark.parametrize("slope", [-40, 0, 40])
def test_an_unsure_frame_off_the_line_is_moved_onto_it(slope: int) -> None:
    place = glide(slope)
    place[10] += 60
    by = moved(place, UNSURE)
    assert by[10] == pytest.approx(-60, abs=2)
    assert np.count_nonzero(by) == 1


@pytest.mark.parametrize("slope", [-40, 0, 40])
def test_what_is_on_the_line_stays(slope: int) -> None:
    assert not moved(glide(slope), UNSURE).any()


def test_a_sure_frame_stays_near_where_it_is() -> None:
    place = glide(0)
    place[10] += 60
    unsure = np.full(21, ONE // 2)
    unsure[10] = ONE - 20
    assert abs(moved(place, unsure)[10]) < 1


def test_another_note_does_not_count() -> None:
    place = np.where(np.arange(21) < 11, 5000, 5500)
    assert not moved(place, UNSURE).any()


def test_unvoiced_frames_neither_move_nor_count() -> None:
    place = glide(0)
    place[10] += 60
    sung = np.zeros(21, bool)
    sung[10] = True
    assert not moved(place, UNSURE, sung).any()
    assert moved(place, UNSURE, ~sung)[10] == 0


def test_the_last_frame_does_not_lean_on_the_first() -> None:
    place = glide(0)
    place[:3] += 100
    score = np.full(21, ONE - 20)
    score[-1] = ONE // 2
    assert moved(place, score)[-1] == 0


def test_clips_far_apart_do_not_lean_on_each_other() -> None:
    place, score = np.array([5000, 5000, 5060, 5060]), np.array([4000, 4000, 1000, 4000])
    at = np.array([0, STEP, STEP + (1 << 20), 2 * STEP + (1 << 20)])
    by = off_line(xp, score, place, np.ones(4, bool), at, TUNING, RATE, 2)
    assert not np.asarray(by).any()


def test_sums_of_the_largest_weights_fit() -> None:
    count = 4 * MOST
    at, place = np.arange(count) * 10, 5000 + 100 * (np.arange(count) % 2)
    score, sung = np.full(count, ONE, np.int32), np.ones(count, bool)
    by = off_line(xp, score, place.astype(np.int32), sung, at, TUNING, RATE, MOST)
    assert np.abs(np.asarray(by)).max() <= 100


def test_the_crowd_is_the_most_frames_within_reach() -> None:
    assert crowd(np.arange(0, 1000, 100), 300) == 2
    assert crowd(np.array([0, 1000, 1001, 1002, 1003]), 300) == 3
    assert crowd(np.zeros(0, np.int64), 300) == 0
