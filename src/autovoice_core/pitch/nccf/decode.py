"""Decoding of candidates into a track: pitch first, then voicing.

Two passes of one Viterbi decoder. The first has no unvoiced state, so that every frame has a
pitch; the second decides which frames of that path are voiced, by how well the sound repeats
itself there, how loud it is against what is nearby, and how little the path jumps. Frames that lie
off their local regression are then moved onto it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen

from autovoice_core._types import PitchFrames
from autovoice_core.pitch.nccf.candidates import Candidates
from autovoice_core.pitch.nccf.configuration import Configuration
from autovoice_core.pitch.nccf.kernels import PitchKernels
from autovoice_core.pitch.nccf.parameters import (
    FORBIDDEN_SCORE,
    NO_CANDIDATE,
    PERFECT_SCORE,
    UNITS_PER_OCTAVE,
    TrackerParameters,
)
from autovoice_core.pitch.nccf.smoothing import smoothing_kernels

RESTART_SCORE = FORBIDDEN_SCORE // 2
"""Score of the state without a candidate: taken only by a frame that has none, from which the path
starts anew."""


@frozen(eq=False)
class Clips:
    """The frames of clips that are decoded together, none influenced by another.

    Attributes
    ----------
    starts
        ``(clips,)`` int64, the first frame of each clip.
    positions
        ``(frames,)`` int64, the sample of the analysis rate at which each frame lies; rising
        within a clip, and far apart between clips.
    neighbours
        Frames to either side that a regression may include.
    """

    starts: Any
    positions: Any
    neighbours: int


def decode_track(
    xp: Any,
    kernels: PitchKernels,
    candidates: Candidates,
    clips: Clips,
    configuration: Configuration,
    *,
    restart_score: int = RESTART_SCORE,
) -> PitchFrames:
    """Return f0, voicing and confidence of every frame.

    Parameters
    ----------
    xp, kernels
        Array library and kernels.
    candidates, clips
        The candidates of each frame, and the positions of the frames.
    configuration
        Of the tracker.
    restart_score
        Score at which the first pass takes none of a frame's candidates and starts anew behind it;
        such a frame has the pitch of its best candidate. A stream needs this, lest noise pull the
        beginning of a note to a wrong octave.
    """
    parameters, rate = configuration.parameters, configuration.rate
    anywhere = xp.ones(candidates.score.shape[0], dtype=xp.bool)
    weights = _weights(xp, parameters, restart_score)
    path = kernels.decode(candidates.score, candidates.log_lag, anywhere, weights, clips.starts)
    index = xp.astype(xp.where(path >= 0, path, xp.zeros_like(path)), xp.int64)[:, None]
    score, lag, log_lag = (
        xp.take_along_axis(array, index, axis=1)
        for array in (candidates.score, candidates.lag, candidates.log_lag)
    )
    attenuation = candidates.attenuation
    excess = xp.maximum(attenuation - parameters.quiet_gate, xp.zeros_like(attenuation))[:, None]
    voicing = xp.where(score > NO_CANDIDATE, score - excess * parameters.quiet_cost, score)
    smoothing = smoothing_kernels(xp, kernels)
    reinforced = smoothing.reinforce(
        voicing[:, 0], log_lag[:, 0], clips.positions, parameters, rate
    )[:, None]
    weights = _weights(xp, parameters, parameters.voicing_threshold)
    sounding = attenuation < parameters.silence_gate
    voiced = kernels.decode(reinforced, log_lag, sounding, weights, clips.starts) >= 0
    shift = smoothing.regression_shift(
        *(score[:, 0], log_lag[:, 0], voiced, clips.positions, parameters, rate),
        clips.neighbours,
    )
    period = xp.where(voiced, lag[:, 0], 1.0) * 2.0 ** (shift / UNITS_PER_OCTAVE)
    f0 = xp.where(voiced, rate / period, 0.0)
    confidence = xp.clip(xp.astype(voicing[:, 0], xp.float32) / PERFECT_SCORE, 0.0, 1.0)
    return PitchFrames(f0, voiced, confidence)


def _weights(xp: Any, parameters: TrackerParameters, unvoiced_score: int) -> Any:
    weights = (
        unvoiced_score,
        parameters.voicing_change_cost,
        parameters.jump_cost,
        parameters.max_jump_cost,
    )
    return xp.asarray(np.array(weights, np.int32))
