"""The compiled kernels of ``cpu/nccf``: equal to the reference, bit for bit."""

from __future__ import annotations

from itertools import pairwise

import array_api_compat.numpy as xp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autovoice_core import Audio
from autovoice_core._frames import frame_centres
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_core.pitch.nccf.parameters import NO_CANDIDATE
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels
from autovoice_core.testing.truth import SINGERS, add_noise, sing
from autovoice_cpu.kernels.nccf import NumbaPitchKernels
from autovoice_cpu.kernels.threads import in_parallel

FAST, SLOW = NumbaPitchKernels(), ReferencePitchKernels()
WHOLE = np.zeros(1, np.int64)

signals = arrays(np.int32, st.integers(0, 400), elements=st.integers(-(2**27), 2**27))


@settings(deadline=None)
@given(signal=signals, half=st.integers(0, 20), factor=st.integers(1, 9), seed=st.integers(0, 99))
def test_decimation_is_exact(signal: np.ndarray, half: int, factor: int, seed: int) -> None:
    side = np.random.default_rng(seed).integers(-500, 500, half)
    taps = np.concatenate([side, [32768 - 2 * side.sum()], side[::-1]]).astype(np.int32)
    fast = FAST.decimate(signal, taps, factor)
    assert fast.dtype == np.int32
    np.testing.assert_array_equal(fast, SLOW.decimate(signal, taps, factor))
    if not len(signal):
        return
    reference = np.convolve(np.pad(signal.astype(np.float64), half), taps, "valid")[::factor]
    np.testing.assert_allclose(fast, reference / 32768, atol=0.51)


@settings(deadline=None)
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
    # Coarse values make ties, which every machine must break alike.
    signal = signal >> coarse
    centres = data.draw(arrays(np.int64, st.integers(0, 6), elements=st.integers(0, len(signal))))
    widths = np.maximum(8, 2 * (first + np.arange(lags))).astype(np.int32)
    costs = np.arange(lags, dtype=np.int32) * 7
    score, lag = FAST.correlate(signal, centres, first, widths, costs, candidates)
    expected = SLOW.correlate(signal, centres, first, widths, costs, candidates)
    np.testing.assert_array_equal(score, expected[0])
    np.testing.assert_array_equal(lag, expected[1])
    assert np.all(np.diff(score, axis=1) <= 0)
    assert np.all((lag == 0) == (score == NO_CANDIDATE))


def test_a_signal_that_repeats_scores_one_at_its_period() -> None:
    period = np.random.default_rng(1).integers(-1000, 1000, 50)
    signal = np.tile(period, 20).astype(np.int32)
    widths = np.full(60, 100, np.int32)
    score, lag = FAST.correlate(signal, np.array([500]), 20, widths, np.zeros(60, np.int32), 1)
    assert score.item() == 4096
    assert lag.item() == pytest.approx(50, abs=0.5)


@settings(deadline=None)
@given(
    frames=st.integers(0, 30),
    candidates=st.integers(1, 6),
    seed=st.integers(0, 10**6),
    coarse=st.integers(1, 2000),
)
def test_decoding_is_exact(frames: int, candidates: int, seed: int, coarse: int) -> None:
    rng = np.random.default_rng(seed)
    score = (rng.integers(0, 4097, (frames, candidates)) // coarse * coarse).astype(np.int32)
    score[rng.random(score.shape) < 0.2] = NO_CANDIDATE
    log_lag = (rng.integers(0, 6000, (frames, candidates)) // coarse * coarse).astype(np.int32)
    voiced = rng.random(frames) < 0.8
    weights = np.array([2048, 1229, 3686, 4915], np.int32)
    starts = np.append(0, np.sort(rng.integers(0, frames + 1, 3)))
    path = FAST.decode(score, log_lag, voiced, weights, starts)
    np.testing.assert_array_equal(path, SLOW.decode(score, log_lag, voiced, weights, starts))
    for begin, end in pairwise([*starts, frames]):
        clip = slice(begin, end)
        alone = FAST.decode(score[clip], log_lag[clip], voiced[clip], weights, WHOLE)
        np.testing.assert_array_equal(path[clip], alone)
    taken = path[path >= 0]
    assert voiced[path >= 0].all()
    assert np.all(score[path >= 0, taken] > NO_CANDIDATE)


def test_decoding_finds_the_best_of_all_paths() -> None:
    rng = np.random.default_rng(0)
    weights = np.array([2048, 1229, 3686, 4915], np.int32)
    for _ in range(20):
        score = rng.integers(1000, 4097, (5, 2)).astype(np.int32)
        log_lag = rng.integers(0, 4000, (5, 2)).astype(np.int32)
        path = FAST.decode(score, log_lag, np.ones(5, bool), weights, WHOLE)
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


@pytest.mark.parametrize("name", SINGERS)
@pytest.mark.parametrize("rate", [8000, 44100])
def test_the_tracker_takes_one_path_with_either_kernels(name: str, rate: int) -> None:
    audio = add_noise(sing(SINGERS[name], 5, rate, seed=7).audio, 15)
    centres = frame_centres(audio.frames, rate, 0.01)
    fast = Nccf(xp, FAST).estimate(audio, centres)
    slow = Nccf(xp, SLOW).estimate(audio, centres)
    np.testing.assert_array_equal(fast.f0, slow.f0)
    np.testing.assert_array_equal(fast.voiced, slow.voiced)
    np.testing.assert_array_equal(fast.confidence, slow.confidence)


@settings(deadline=None, max_examples=15)
@given(
    rate=st.sampled_from([8000, 11025, 44100, 96000]),
    lengths=st.lists(st.integers(0, 30_000), min_size=1, max_size=4),
    seed=st.integers(0, 99),
)
def test_a_batch_is_its_clips_to_the_last_bit(rate: int, lengths: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    voice = 0.3 * np.sin(np.arange(30_000) * 2 * np.pi * 220 / rate) + 0.2
    clips = [
        Audio((voice[:n] + 0.1 * rng.standard_normal(n)).astype(np.float32)[None], rate)
        for n in lengths
    ]
    asked = [frame_centres(n, rate, 0.007) for n in lengths]
    asked[0] = asked[0][:0]
    tracker = Nccf(xp, FAST)
    for found, clip, centres in zip(
        tracker.estimate_batch(clips, asked), clips, asked, strict=True
    ):
        alone = tracker.estimate(clip, centres)
        np.testing.assert_array_equal(found.f0, alone.f0)
        np.testing.assert_array_equal(found.voiced, alone.voiced)
        np.testing.assert_array_equal(found.confidence, alone.confidence)


def test_a_kernel_that_fails_in_a_thread_fails_in_the_caller() -> None:
    def work(start: int, stop: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_parallel(work, 1000)


@given(count=st.integers(0, 3000), min_piece=st.integers(0, 400))
def test_pieces_cover_the_work_once(count: int, min_piece: int) -> None:
    done = np.zeros(count, np.int64)

    def work(start: int, stop: int) -> None:
        done[start:stop] += 1

    in_parallel(work, count, min_piece=min_piece)
    assert np.all(done == 1)


def test_an_empty_sound_has_one_unvoiced_frame() -> None:
    frames = Nccf(xp, FAST).estimate(Audio(np.zeros((1, 0), np.float32), 8000), np.array([0]))
    assert not np.any(frames.voiced)
