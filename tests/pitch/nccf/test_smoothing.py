"""Local regression and reinforcement on tracks made by hand."""

from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np
import pytest
from numpy.typing import NDArray

from autovoice_core.pitch.nccf.parameters import PERFECT_SCORE, TrackerParameters
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels
from autovoice_core.pitch.nccf.smoothing import (
    MAX_NEIGHBOURS,
    max_neighbours,
    regression_shift,
    reinforce,
    smoothing_kernels,
)

PARAMETERS, RATE = TrackerParameters(), 22050
STEP = 220
"""Samples from frame to frame, 10 ms."""


def moved(
    log_lag: NDArray[np.int64], score: NDArray[np.int64], voiced: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    positions = STEP * np.arange(len(log_lag))
    voiced = np.ones(len(log_lag), bool) if voiced is None else voiced
    neighbours = max_neighbours(positions, round(PARAMETERS.regression_seconds * RATE))
    pitch = score.astype(np.int32), log_lag.astype(np.int32)
    return np.asarray(regression_shift(xp, *pitch, voiced, positions, PARAMETERS, RATE, neighbours))


SURE, UNSURE = np.full(21, PERFECT_SCORE - 20), np.full(21, PERFECT_SCORE - 20)
UNSURE[10] = PERFECT_SCORE // 2


def glide(slope: int) -> NDArray[np.int64]:
    return 5000 + slope * np.arange(21)


@pytest.mark.parametrize("slope", [-40, 0, 40])
def test_an_unsure_frame_off_the_line_is_moved_onto_it(slope: int) -> None:
    log_lag = glide(slope)
    log_lag[10] += 60
    by = moved(log_lag, UNSURE)
    assert by[10] == pytest.approx(-60, abs=2)
    assert np.count_nonzero(by) == 1


@pytest.mark.parametrize("slope", [-40, 0, 40])
def test_what_is_on_the_line_stays(slope: int) -> None:
    assert not moved(glide(slope), UNSURE).any()


def test_a_sure_frame_stays_near_where_it_is() -> None:
    log_lag = glide(0)
    log_lag[10] += 60
    unsure = np.full(21, PERFECT_SCORE // 2)
    unsure[10] = PERFECT_SCORE - 20
    assert abs(moved(log_lag, unsure)[10]) < 1


def test_another_note_does_not_count() -> None:
    log_lag = np.where(np.arange(21) < 11, 5000, 5500)
    assert not moved(log_lag, UNSURE).any()


def test_unvoiced_frames_neither_move_nor_count() -> None:
    log_lag = glide(0)
    log_lag[10] += 60
    voiced = np.zeros(21, bool)
    voiced[10] = True
    assert not moved(log_lag, UNSURE, voiced).any()
    assert moved(log_lag, UNSURE, ~voiced)[10] == 0


def test_the_last_frame_does_not_lean_on_the_first() -> None:
    log_lag = glide(0)
    log_lag[:3] += 100
    score = np.full(21, PERFECT_SCORE - 20)
    score[-1] = PERFECT_SCORE // 2
    assert moved(log_lag, score)[-1] == 0


def test_clips_far_apart_do_not_lean_on_each_other() -> None:
    log_lag, score = np.array([5000, 5000, 5060, 5060]), np.array([4000, 4000, 1000, 4000])
    positions = np.array([0, STEP, STEP + (1 << 20), 2 * STEP + (1 << 20)])
    by = regression_shift(xp, score, log_lag, np.ones(4, bool), positions, PARAMETERS, RATE, 2)
    assert not np.asarray(by).any()


def test_sums_of_the_largest_weights_fit() -> None:
    count = 4 * MAX_NEIGHBOURS
    positions, log_lag = np.arange(count) * 10, 5000 + 100 * (np.arange(count) % 2)
    pitch = np.full(count, PERFECT_SCORE, np.int32), log_lag.astype(np.int32)
    voiced = np.ones(count, bool)
    by = regression_shift(xp, *pitch, voiced, positions, PARAMETERS, RATE, MAX_NEIGHBOURS)
    assert np.abs(np.asarray(by)).max() <= 100


def test_neighbours_are_counted_where_frames_are_densest() -> None:
    assert max_neighbours(np.arange(0, 1000, 100), 300) == 2
    assert max_neighbours(np.array([0, 1000, 1001, 1002, 1003]), 300) == 3
    assert max_neighbours(np.zeros(0, np.int64), 300) == 0


def test_a_frame_is_reinforced_by_a_better_one_of_the_same_pitch() -> None:
    score = np.array([1500, 4000, 1500, 1500], np.int32)
    log_lag = np.array([5000, 5000, 5000, 5000], np.int32)
    positions = STEP * np.arange(4)
    found = reinforce(xp, score, log_lag, positions, PARAMETERS, RATE)
    raised = 1500 + PARAMETERS.support_gain
    np.testing.assert_array_equal(found, [raised, 4000, raised, 1500])
    log_lag[0] += PARAMETERS.support_distance + 1
    found = reinforce(xp, score, log_lag, positions, PARAMETERS, RATE)
    np.testing.assert_array_equal(found, [1500, 4000, raised, 1500])


class Smoother(ReferencePitchKernels):
    """Kernels with those that are optional."""

    def reinforce(self, score: NDArray[np.int32], *others: object) -> NDArray[np.int32]:
        return score

    def regression_shift(self, *arguments: object) -> None: ...


def test_optional_kernels_are_used_where_a_backend_has_them() -> None:
    kernels = Smoother()
    assert smoothing_kernels(xp, kernels) is kernels
    arguments = (np.zeros(3, np.int32), np.zeros(3, np.int32), np.arange(3), PARAMETERS, RATE)
    found = smoothing_kernels(xp, ReferencePitchKernels()).reinforce(*arguments)
    np.testing.assert_array_equal(found, reinforce(xp, *arguments))
