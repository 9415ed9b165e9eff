"""The kernels of ``cuda/nccf``, run on the processor: equal to the reference in every number."""

from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from on_host import HostMachine

from autovoice_core.pitch.nccf.parameters import NO_CANDIDATE, TrackerParameters
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels
from autovoice_core.pitch.nccf.smoothing import regression_shift, reinforce
from autovoice_cuda.kernels.nccf import SPAN, CudaPitchKernels

SLOW = ReferencePitchKernels()
few = settings(
    deadline=None,
    max_examples=15,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
signals = arrays(np.int32, st.integers(0, 400), elements=st.integers(-(2**27), 2**27))


@pytest.fixture
def fast() -> CudaPitchKernels:
    return CudaPitchKernels(HostMachine())


@few
@given(signal=signals, half=st.integers(0, 20), factor=st.integers(1, 9), seed=st.integers(0, 99))
def test_decimation_is_exact(
    fast: CudaPitchKernels, signal: np.ndarray, half: int, factor: int, seed: int
) -> None:
    side = np.random.default_rng(seed).integers(-500, 500, half)
    taps = np.concatenate([side, [32768 - 2 * side.sum()], side[::-1]]).astype(np.int32)
    np.testing.assert_array_equal(
        fast.decimate(signal, taps, factor), SLOW.decimate(signal, taps, factor)
    )


@few
@given(
    signal=signals,
    first=st.integers(1, 12),
    lags=st.integers(3, 40),
    candidates=st.integers(1, 20),
    coarse=st.integers(0, 27),
    data=st.data(),
)
def test_correlation_is_exact(
    fast: CudaPitchKernels,
    signal: np.ndarray,
    first: int,
    lags: int,
    candidates: int,
    coarse: int,
    data: st.DataObject,
) -> None:
    signal = signal >> coarse
    centres = data.draw(arrays(np.int64, st.integers(0, 20), elements=st.integers(0, len(signal))))
    widths = np.maximum(8, 2 * (first + np.arange(lags))).astype(np.int32)
    costs = np.arange(lags, dtype=np.int32) * 7
    score, lag = fast.correlate(signal, centres, first, widths, costs, candidates)
    expected = SLOW.correlate(signal, centres, first, widths, costs, candidates)
    np.testing.assert_array_equal(score, expected[0])
    np.testing.assert_array_equal(lag, expected[1])


@few
@given(
    frames=st.integers(0, 3 * SPAN),
    candidates=st.integers(1, 17),
    seed=st.integers(0, 10**6),
    coarse=st.integers(1, 2000),
    data=st.data(),
)
def test_decoding_is_exact_across_spans_and_clips(
    fast: CudaPitchKernels,
    frames: int,
    candidates: int,
    seed: int,
    coarse: int,
    data: st.DataObject,
) -> None:
    rng = np.random.default_rng(seed)
    score = (rng.integers(0, 4097, (frames, candidates)) // coarse * coarse).astype(np.int32)
    score[rng.random(score.shape) < 0.2] = NO_CANDIDATE
    score[rng.random(frames) < 0.2] = NO_CANDIDATE
    log_lag = (rng.integers(0, 6000, (frames, candidates)) // coarse * coarse).astype(np.int32)
    voiced = rng.random(frames) < 0.8
    more = data.draw(st.lists(st.sampled_from([*range(0, frames + 1, 16), frames]), max_size=6))
    starts = np.array([0, *sorted(more)], np.int64)
    unvoiced = data.draw(st.sampled_from([2048, -(1 << 27)]))
    weights = np.array([unvoiced, 1229, 3686, 4915], np.int32)
    path = fast.decode(score, log_lag, voiced, weights, starts)
    np.testing.assert_array_equal(path, SLOW.decode(score, log_lag, voiced, weights, starts))


@few
@given(
    frames=st.integers(0, 40),
    neighbours=st.integers(0, 8),
    seed=st.integers(0, 10**6),
    hop=st.integers(1, 90),
)
def test_smoothing_is_exact(
    fast: CudaPitchKernels, frames: int, neighbours: int, seed: int, hop: int
) -> None:
    rng, parameters, rate = np.random.default_rng(seed), TrackerParameters(), 8000.0
    score = rng.integers(-200, 4400, frames).astype(np.int32)
    score[rng.random(frames) < 0.2] = NO_CANDIDATE
    log_lag = np.cumsum(rng.integers(-40, 41, frames)).astype(np.int32)
    voiced = rng.random(frames) < 0.8
    positions = np.cumsum(rng.integers(1, hop + 1, frames))
    positions[frames // 2 :] += 5000  # another clip
    np.testing.assert_array_equal(
        fast.reinforce(score, log_lag, positions, parameters, rate),
        reinforce(xp, score, log_lag, positions, parameters, rate),
    )
    np.testing.assert_array_equal(
        fast.regression_shift(score, log_lag, voiced, positions, parameters, rate, neighbours),
        regression_shift(xp, score, log_lag, voiced, positions, parameters, rate, neighbours),
    )
