"""Voicing and pitch of candidates made by hand."""

from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np
from numpy.typing import NDArray

from autovoice_core import PitchFrames
from autovoice_core.pitch.nccf.candidates import Candidates
from autovoice_core.pitch.nccf.configuration import Configuration
from autovoice_core.pitch.nccf.decode import Clips, decode_track
from autovoice_core.pitch.nccf.parameters import NO_CANDIDATE, PERFECT_SCORE, TrackerParameters
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels

PARAMETERS = TrackerParameters()
CONFIGURATION = Configuration.of(22050, 50.0, 1100.0, PARAMETERS)
KERNELS = ReferencePitchKernels()


def decoded(candidates: Candidates) -> PitchFrames:
    """Decode frames 10 ms apart."""
    clips = Clips(np.zeros(1, np.int64), 220 * np.arange(len(candidates.score)), 3)
    return decode_track(xp, KERNELS, candidates, clips, CONFIGURATION)


def decided(score: NDArray[np.int64], attenuation: int = 0) -> PitchFrames:
    """Decode one candidate a frame, all of them at a lag of 100 samples of 22050 Hz."""
    rows = score[:, np.newaxis].astype(np.int32)
    lag = np.where(rows > NO_CANDIDATE, 100.0, 0.0)
    log_lag = np.full(rows.shape, 5000, np.int32)
    soft = np.full(score.shape, attenuation, np.int32)
    return decoded(Candidates(rows, lag, log_lag, soft))


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


def test_weak_frames_next_to_strong_ones_are_voiced() -> None:
    weak = PARAMETERS.voicing_threshold + 100
    assert not decided(stretch(20, weak)).voiced.any()
    scores = stretch(20, 3500)
    scores[[20, 39]] = weak
    assert decided(scores).voiced.sum() == 20


def test_what_is_soft_must_repeat_itself_better() -> None:
    scores = stretch(20, 2800)
    assert decided(scores, PARAMETERS.quiet_gate).voiced.sum() == 20
    assert not decided(scores, PARAMETERS.quiet_gate + 8).voiced.any()


def test_what_is_below_the_gate_is_never_voiced() -> None:
    assert not decided(np.full(60, PERFECT_SCORE), PARAMETERS.silence_gate).voiced.any()


def test_frames_without_a_candidate_are_unvoiced_and_unsure() -> None:
    scores = np.full(60, 4000)
    scores[30] = NO_CANDIDATE
    frames = decided(scores)
    assert np.flatnonzero(~np.asarray(frames.voiced)).tolist() == [30]
    assert frames.confidence[30] == 0
    assert frames.f0[30] == 0


def test_confidence_falls_with_attenuation() -> None:
    loud, soft = (decided(stretch(20, 3500), down).confidence[25] for down in (0, 9))
    assert loud > soft > 0


def test_what_lies_behind_a_silence_is_forgotten() -> None:
    score = np.full((40, 2), 3000, np.int32)
    score[:, 1] += 10
    lag = np.tile([100.0, 200.0], (40, 1))
    log_lag = np.tile(np.array([5000, 6024], np.int32), (40, 1))
    score[:15, 0] = 3900  # before the silence, the shorter lag is right
    score[15:20] = NO_CANDIDATE
    frames = decoded(Candidates(score, lag, log_lag, np.zeros(40, np.int32)))
    np.testing.assert_allclose(frames.f0[:15], 220.5)
    np.testing.assert_allclose(frames.f0[20:], 110.25)
