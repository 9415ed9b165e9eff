"""The kernels of ``triton/nccf`` in Triton's interpreter: equal to the reference, bit for bit."""

from __future__ import annotations

import os

os.environ["TRITON_INTERPRET"] = "1"  # before a kernel is defined

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("triton", reason="triton is not installed")

import array_api_compat.numpy
import array_api_compat.torch as xp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autovoice_core import Audio
from autovoice_core._device_arrays import DeviceNamespace
from autovoice_core.pitch.nccf.batch import track_batch
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_core.pitch.nccf.parameters import NO_CANDIDATE, TrackerParameters
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels
from autovoice_core.pitch.nccf.smoothing import regression_shift, reinforce
from autovoice_core.testing.truth import SINGERS, sing
from autovoice_triton.kernels.nccf import TritonPitchKernels

SLOW = ReferencePitchKernels()
PLACE = DeviceNamespace(xp, "cpu")
FAST = TritonPitchKernels(PLACE, span=8)
few = settings(deadline=None, max_examples=8, derandomize=True)
signals = arrays(np.int32, st.integers(0, 400), elements=st.integers(-(2**27), 2**27))


@few
@given(signal=signals, half=st.integers(0, 20), factor=st.integers(1, 9), seed=st.integers(0, 99))
def test_decimation_is_exact(signal: np.ndarray, half: int, factor: int, seed: int) -> None:
    side = np.random.default_rng(seed).integers(-500, 500, half)
    taps = np.concatenate([side, [32768 - 2 * side.sum()], side[::-1]]).astype(np.int32)
    found = FAST.decimate(torch.from_numpy(signal), taps, factor)
    np.testing.assert_array_equal(found, SLOW.decimate(signal, taps, factor))


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
    signal: np.ndarray, first: int, lags: int, candidates: int, coarse: int, data: st.DataObject
) -> None:
    signal = signal >> coarse
    centres = data.draw(arrays(np.int64, st.integers(0, 5), elements=st.integers(0, len(signal))))
    widths = np.maximum(8, 2 * (first + np.arange(lags))).astype(np.int32)
    costs = np.arange(lags, dtype=np.int32) * 7
    score, lag = FAST.correlate(
        torch.from_numpy(signal), torch.from_numpy(centres), first, widths, costs, candidates
    )
    expected = SLOW.correlate(signal, centres, first, widths, costs, candidates)
    np.testing.assert_array_equal(score, expected[0])
    np.testing.assert_array_equal(lag, expected[1])


@few
@given(
    frames=st.integers(0, 30),
    candidates=st.integers(1, 4),
    seed=st.integers(0, 10**6),
    coarse=st.integers(1, 2000),
    data=st.data(),
)
def test_decoding_is_exact_across_spans_and_clips(
    frames: int, candidates: int, seed: int, coarse: int, data: st.DataObject
) -> None:
    rng = np.random.default_rng(seed)
    score = (rng.integers(0, 4097, (frames, candidates)) // coarse * coarse).astype(np.int32)
    score[rng.random(score.shape) < 0.2] = NO_CANDIDATE
    score[rng.random(frames) < 0.2] = NO_CANDIDATE
    log_lag = (rng.integers(0, 6000, (frames, candidates)) // coarse * coarse).astype(np.int32)
    voiced = rng.random(frames) < 0.8
    more = data.draw(st.lists(st.sampled_from([*range(0, frames + 1, 4), frames]), max_size=6))
    starts = np.array([0, *sorted(more)], np.int64)
    unvoiced = data.draw(st.sampled_from([2048, -(1 << 27)]))
    weights = np.array([unvoiced, 1229, 3686, 4915], np.int32)
    given_ = [torch.from_numpy(each) for each in (score, log_lag, voiced, weights, starts)]
    np.testing.assert_array_equal(
        FAST.decode(*given_), SLOW.decode(score, log_lag, voiced, weights, starts)
    )


@few
@given(
    frames=st.integers(0, 40),
    neighbours=st.integers(0, 8),
    seed=st.integers(0, 10**6),
    hop=st.integers(1, 90),
)
def test_smoothing_is_exact(frames: int, neighbours: int, seed: int, hop: int) -> None:
    rng, parameters, rate = np.random.default_rng(seed), TrackerParameters(), 8000.0
    score = rng.integers(-200, 4400, frames).astype(np.int32)
    score[rng.random(frames) < 0.2] = NO_CANDIDATE
    log_lag = np.cumsum(rng.integers(-40, 41, frames)).astype(np.int32)
    voiced = rng.random(frames) < 0.8
    positions = np.cumsum(rng.integers(1, hop + 1, frames))
    positions[frames // 2 :] += 5000  # another clip
    there = [torch.from_numpy(each) for each in (score, log_lag, voiced, positions)]
    np.testing.assert_array_equal(
        FAST.reinforce(there[0], there[1], there[3], parameters, rate),
        reinforce(array_api_compat.numpy, score, log_lag, positions, parameters, rate),
    )
    np.testing.assert_array_equal(
        FAST.regression_shift(*there, parameters, rate, neighbours),
        regression_shift(
            array_api_compat.numpy, score, log_lag, voiced, positions, parameters, rate, neighbours
        ),
    )


@pytest.mark.parametrize("whole", [False, True])
def test_a_batch_takes_the_path_of_each_clip_alone(whole: bool) -> None:
    rate, hop, seconds = 8000, 400, 0.5
    rows = [sing(singer, 3, rate, seed=5).audio.numpy()[0, 4000:] for singer in SINGERS.values()]
    samples = np.stack([row[: round(rate * seconds)] for row in rows[:2]])
    if whole:
        samples = np.round(samples * 32767).astype(np.int16)
    lengths = np.array([samples.shape[1], samples.shape[1] - 900])
    found = track_batch(
        PLACE,
        FAST,
        torch.from_numpy(samples),
        rate,
        hop,
        fmin=100.0,
        fmax=800.0,
        lengths=torch.from_numpy(lengths),
    )
    assert found.f0.dtype == torch.float64
    cpu = Nccf(array_api_compat.numpy, ReferencePitchKernels(), fmin=100.0, fmax=800.0)
    heard = 0
    for i, length in enumerate(lengths):
        row = samples[i : i + 1, :length]
        alone = row.astype(np.float32) / 32768 if whole else row
        centres = np.arange(1 + length // hop, dtype=np.int64) * hop
        expected = cpu.estimate(Audio(alone, rate), centres)
        heard += np.sum(expected.voiced)
        for name in ("f0", "voiced", "confidence"):
            part = getattr(found, name)[i].numpy()
            np.testing.assert_allclose(part[: len(centres)], getattr(expected, name), rtol=1e-12)
            assert not np.any(part[len(centres) :])
    assert heard > 5
