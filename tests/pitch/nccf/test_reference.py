"""The definition of the kernels, tested on the reference kernels."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autovoice_core.pitch.nccf.parameters import NO_CANDIDATE, PERFECT_SCORE
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels

KERNELS = ReferencePitchKernels()
WHOLE = np.zeros(1, np.int64)
WEIGHTS = np.array([2048, 1229, 3686, 4915], np.int32)

signals = arrays(np.int32, st.integers(0, 400), elements=st.integers(-(2**27), 2**27))


@settings(deadline=None)
@given(signal=signals, half=st.integers(0, 20), factor=st.integers(1, 9), seed=st.integers(0, 99))
def test_decimation_is_a_convolution(signal: np.ndarray, half: int, factor: int, seed: int) -> None:
    side = np.random.default_rng(seed).integers(-500, 500, half)
    taps = np.concatenate([side, [32768 - 2 * side.sum()], side[::-1]]).astype(np.int32)
    found = KERNELS.decimate(signal, taps, factor)
    assert found.dtype == np.int32
    assert len(found) == -(-len(signal) // factor)
    if len(signal):
        padded = np.pad(signal.astype(np.float64), half)
        expected = np.convolve(padded, taps, "valid")[::factor]
        np.testing.assert_allclose(found, expected / 32768, atol=0.51)


@settings(deadline=None)
@given(
    signal=signals,
    first=st.integers(1, 12),
    lags=st.integers(3, 40),
    candidates=st.integers(1, 20),
    coarse=st.integers(0, 27),
    data=st.data(),
)
def test_candidates_come_best_first(
    signal: np.ndarray, first: int, lags: int, candidates: int, coarse: int, data: st.DataObject
) -> None:
    signal = signal >> coarse
    centres = data.draw(arrays(np.int64, st.integers(0, 6), elements=st.integers(0, len(signal))))
    widths = np.maximum(8, 2 * (first + np.arange(lags))).astype(np.int32)
    costs = np.arange(lags, dtype=np.int32) * 7
    score, lag = KERNELS.correlate(signal, centres, first, widths, costs, candidates)
    assert score.shape == lag.shape == (len(centres), candidates)
    assert np.all(np.diff(score, axis=1) <= 0)
    assert np.all((lag == 0) == (score == NO_CANDIDATE))


def test_a_signal_that_repeats_has_a_perfect_score_at_its_period() -> None:
    period = np.random.default_rng(1).integers(-1000, 1000, 50)
    signal = np.tile(period, 20).astype(np.int32)
    widths, costs = np.full(60, 100, np.int32), np.zeros(60, np.int32)
    score, lag = KERNELS.correlate(signal, np.array([500]), 20, widths, costs, 1)
    assert score.item() == PERFECT_SCORE
    assert lag.item() == pytest.approx(50, abs=0.5)


@settings(deadline=None)
@given(
    frames=st.integers(0, 30),
    candidates=st.integers(1, 6),
    seed=st.integers(0, 10**6),
    coarse=st.integers(1, 2000),
)
def test_clips_are_decoded_as_if_alone(
    frames: int, candidates: int, seed: int, coarse: int
) -> None:
    rng = np.random.default_rng(seed)
    score = (rng.integers(0, 4097, (frames, candidates)) // coarse * coarse).astype(np.int32)
    score[rng.random(score.shape) < 0.2] = NO_CANDIDATE
    log_lag = (rng.integers(0, 6000, (frames, candidates)) // coarse * coarse).astype(np.int32)
    voiced = rng.random(frames) < 0.8
    starts = np.append(0, np.sort(rng.integers(0, frames + 1, 3)))
    path = KERNELS.decode(score, log_lag, voiced, WEIGHTS, starts)
    for begin, end in pairwise([*starts, frames]):
        clip = slice(begin, end)
        alone = KERNELS.decode(score[clip], log_lag[clip], voiced[clip], WEIGHTS, WHOLE)
        np.testing.assert_array_equal(path[clip], alone)
    taken = path[path >= 0]
    assert voiced[path >= 0].all()
    assert np.all(score[path >= 0, taken] > NO_CANDIDATE)


def test_decoding_finds_the_best_of_all_paths() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        score = rng.integers(1000, 4097, (5, 2)).astype(np.int32)
        log_lag = rng.integers(0, 4000, (5, 2)).astype(np.int32)
        path = KERNELS.decode(score, log_lag, np.ones(5, bool), WEIGHTS, WHOLE)
        every = [_worth(p, score, log_lag) for p in np.ndindex(3, 3, 3, 3, 3)]
        assert _worth(tuple(path % 3), score, log_lag) == max(every)


def _worth(path: tuple[int, ...], score: np.ndarray, log_lag: np.ndarray) -> int:
    total = 0
    for t, state in enumerate(path):
        total += 2048 if state == 2 else int(score[t, state])
        before = path[t - 1] if t else state
        if t and state < 2 and before < 2:
            total -= min(
                4915, abs(int(log_lag[t, state]) - int(log_lag[t - 1, before])) * 3686 >> 10
            )
        elif state != before:
            total -= 1229
    return total
