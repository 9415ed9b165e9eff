"""What makes a frame voiced, on candidates made by hand."""

from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np
from numpy.typing import NDArray

from autovoice_core import PitchFrames
from autovoice_core.pitch.nccf.decode import decide
from autovoice_core.pitch.nccf.parameters import NOTHING, ONE, Tuning
from autovoice_cpu.kernels.nccf import NumbaPitchKernels

TUNING = Tuning()
WHOLE = np.zeros(1, np.int64)


def decided(score: NDArray[np.int64], softness: int | NDArray[np.int64] = 0) -> PitchFrames:
    """Decide over one candidate a frame, all of them at 100 samples of 22050 Hz."""
    rows = score[:, np.newaxis].astype(np.int32)
    lag = np.where(rows > NOTHING, 100.0, 0.0)
    place = np.full(rows.shape, 5000, np.int32)
    soft = np.broadcast_to(softness, score.shape).astype(np.int32)
    at = 220 * np.arange(len(score))
    kernels = NumbaPitchKernels()
    return decide(xp, kernels, (rows, lag, place), soft, TUNING, 22050.0, WHOLE, at, 3)


def stretch(length: int, score: int) -> NDArray[np.int64]:
    scores = np.full(60, 200)
    scores[20 : 20 + length] = score
    return scores


def test_what_repeats_itself_for_long_is_voiced() -> None:
    frames = decided(stretch(20, 3500))
    assert np.flatnonzero(frames.voiced).tolist() == list(range(20, 40))
    np.testing.assert_allclose(frames.f0[20:40], 220.5)


def test_a_blip_is_not_voiced() -> None:
    assert not decided(stretch(2, 3500)).voiced.any()


def test_weak_frames_beside_strong_ones_are_voiced() -> None:
    weak = TUNING.unvoiced + 100
    assert not decided(stretch(20, weak)).voiced.any()
    scores = stretch(20, 3500)
    scores[[20, 39]] = weak
    assert decided(scores).voiced.sum() == 20


def test_what_is_soft_must_repeat_itself_better() -> None:
    scores = stretch(20, 2800)
    assert decided(scores, TUNING.quiet).voiced.sum() == 20
    assert not decided(scores, TUNING.quiet + 8).voiced.any()


def test_what_is_below_the_gate_is_never_voiced() -> None:
    assert not decided(np.full(60, ONE), TUNING.gate).voiced.any()


def test_frames_without_a_candidate_are_unvoiced_and_unsure() -> None:
    scores = np.full(60, 4000)
    scores[30] = NOTHING
    frames = decided(scores)
    assert np.flatnonzero(~np.asarray(frames.voiced)).tolist() == [30]
    assert frames.confidence[30] == 0
    assert frames.f0[30] == 0


def test_confidence_falls_with_softness() -> None:
    loud, soft = (decided(stretch(20, 3500), softness).confidence[25] for softness in (0, 9))
    assert loud > soft > 0


def test_what_lies_behind_a_silence_is_forgotten() -> None:
    score = np.full((40, 2), 3000, np.int32)
    score[:, 1] += 10
    lag = np.tile([100.0, 200.0], (40, 1))
    place = np.tile(np.array([5000, 6024], np.int32), (40, 1))
    score[:15, 0] = 3900  # before the silence, the shorter lag is right
    score[15:20] = NOTHING
    soft = np.zeros(40, np.int32)
    at, kernels = 220 * np.arange(40), NumbaPitchKernels()
    frames = decide(xp, kernels, (score, lag, place), soft, TUNING, 22050.0, WHOLE, at, 3)
    np.testing.assert_allclose(frames.f0[:15], 220.5)
    np.testing.assert_allclose(frames.f0[20:], 110.25)
