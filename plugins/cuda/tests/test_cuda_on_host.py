"""What the CUDA C++ computes, run on the processor: equal to the references in every number."""

from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from on_host import HostMachine

from autovoice_core.pitch.nccf.nccf import NOTHING, Tuning
from autovoice_core.pitch.nccf.neighbours import helped, off_line
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels
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
    best=st.integers(1, 20),
    coarse=st.integers(0, 27),
    data=st.data(),
)
def test_correlation_is_exact(
    fast: CudaPitchKernels,
    signal: np.ndarray,
    first: int,
    lags: int,
    best: int,
    coarse: int,
    data: st.DataObject,
) -> None:
    signal = signal >> coarse
    centres = data.draw(arrays(np.int64, st.integers(0, 20), elements=st.integers(0, len(signal))))
    widths = np.maximum(8, 2 * (first + np.arange(lags))).astype(np.int32)
    costs = np.arange(lags, dtype=np.int32) * 7
    score, lag = fast.correlate(signal, centres, first, widths, costs, best)
    expected = SLOW.correlate(signal, centres, first, widths, costs, best)
    np.testing.assert_array_equal(score, expected[0])
    np.testing.assert_array_equal(lag, expected[1])


@few
@given(
    frames=st.integers(0, 3 * SPAN),
    best=st.integers(1, 17),
    seed=st.integers(0, 10**6),
    coarse=st.integers(1, 2000),
    data=st.data(),
)
def test_decoding_is_exact_across_spans_and_clips(
    fast: CudaPitchKernels,
    frames: int,
    best: int,
    seed: int,
    coarse: int,
    data: st.DataObject,
) -> None:
    rng = np.random.default_rng(seed)
    score = (rng.integers(0, 4097, (frames, best)) // coarse * coarse).astype(np.int32)
    score[rng.random(score.shape) < 0.2] = NOTHING
    score[rng.random(frames) < 0.2] = NOTHING
    place = (rng.integers(0, 6000, (frames, best)) // coarse * coarse).astype(np.int32)
    voiced = rng.random(frames) < 0.8
    more = data.draw(st.lists(st.sampled_from([*range(0, frames + 1, 16), frames]), max_size=6))
    starts = np.array([0, *sorted(more)], np.int64)
    unvoiced = data.draw(st.sampled_from([2048, -(1 << 27)]))
    weights = np.array([unvoiced, 1229, 3686, 4915], np.int32)
    path = fast.decode(score, place, voiced, weights, starts)
    np.testing.assert_array_equal(path, SLOW.decode(score, place, voiced, weights, starts))


@few
@given(
    frames=st.integers(0, 40),
    near=st.integers(0, 8),
    seed=st.integers(0, 10**6),
    hop=st.integers(1, 90),
)
def test_neighbours_are_asked_exactly(
    fast: CudaPitchKernels, frames: int, near: int, seed: int, hop: int
) -> None:
    rng, tuning, rate = np.random.default_rng(seed), Tuning(), 8000.0
    score = rng.integers(-200, 4400, frames).astype(np.int32)
    score[rng.random(frames) < 0.2] = NOTHING
    place = np.cumsum(rng.integers(-40, 41, frames)).astype(np.int32)
    sung = rng.random(frames) < 0.8
    at = np.cumsum(rng.integers(1, hop + 1, frames))
    at[frames // 2 :] += 5000  # another clip
    np.testing.assert_array_equal(
        fast.helped(score, place, at, tuning, rate),
        helped(xp, score, place, at, tuning, rate),
    )
    np.testing.assert_array_equal(
        fast.off_line(score, place, sung, at, tuning, rate, near),
        off_line(xp, score, place, sung, at, tuning, rate, near),
    )
