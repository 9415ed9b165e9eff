"""From candidates to a track: first where the pitch is, then where it is sung.

Two passes of one decoder (Viterbi 1967). The first has no unvoiced state, so that every frame
has a pitch; the second asks of each frame of that path whether it is voiced, by how well the
sound repeats itself there, how loud it is against what is near, and how little the path jumps.
What then lies off the line through its neighbours is moved onto it.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from autovoice_core._types import PitchFrames
from autovoice_core.pitch.nccf.kernels import PitchKernels
from autovoice_core.pitch.nccf.neighbours import helped, off_line
from autovoice_core.pitch.nccf.parameters import IMPOSSIBLE, NOTHING, OCTAVE, ONE, Tuning

LAST_RESORT = IMPOSSIBLE // 2
"""Score of having no candidate: taken only where there is none, and all that was is forgotten."""


def decide(
    xp: Any,
    kernels: PitchKernels,
    candidates: tuple[Any, Any, Any],
    softness: Any,
    tuning: Tuning,
    rate: float,
    starts: Any,
    at: Any,
    near: int,
    *,
    bridge: int = LAST_RESORT,
) -> PitchFrames:
    """Return the track through the candidates.

    Parameters
    ----------
    xp, kernels
        Array library and kernels.
    candidates
        ``(frames, best)`` score int32, lag float64 and place int32.
    softness
        ``(frames,)`` int32, powers of two under what is loudest near by, at most
        ``tuning.gate``.
    rate
        Samples a second in which lags count.
    starts
        ``(clips,)`` int64, the first frame of each clip; none knows of another.
    at
        ``(frames,)`` int64, where in the signal each frame lies; clips lie far apart.
    near
        Frames to either side of a frame that may lie within ``tuning.line`` of it.
    bridge
        Score at which the first pass leaves a frame's candidates aside, to begin anew behind it;
        such a frame has the pitch of its best candidate. Where nothing is known of what comes,
        this keeps noise from pulling the beginning of a note to a wrong octave.
    """
    score, lag, place = candidates
    anywhere = xp.ones(score.shape[0], dtype=xp.bool)
    path = kernels.decode(score, place, anywhere, _weights(xp, tuning, bridge), starts)
    index = xp.astype(xp.where(path >= 0, path, xp.zeros_like(path)), xp.int64)[:, None]
    value, period, where = (
        xp.take_along_axis(array, index, axis=1) for array in (score, lag, place)
    )
    soft = xp.maximum(softness - tuning.quiet, xp.zeros_like(softness))[:, None]
    evidence = xp.where(value > NOTHING, value - soft * tuning.quiet_cost, value)
    weights = _weights(xp, tuning, tuning.unvoiced)
    # A device may have a kernel for what takes an array library hundreds of passes.
    help_ = getattr(kernels, "helped", partial(helped, xp))
    moving = getattr(kernels, "off_line", partial(off_line, xp))
    surer = help_(evidence[:, 0], where[:, 0], at, tuning, rate)[:, None]
    voiced = kernels.decode(surer, where, softness < tuning.gate, weights, starts) >= 0
    off = moving(value[:, 0], where[:, 0], voiced, at, tuning, rate, near)
    period = xp.where(voiced, period[:, 0], 1.0) * 2.0 ** (off / OCTAVE)
    f0 = xp.where(voiced, rate / period, 0.0)
    confidence = xp.clip(xp.astype(evidence[:, 0], xp.float32) / ONE, 0.0, 1.0)
    return PitchFrames(f0, voiced, confidence)


def _weights(xp: Any, tuning: Tuning, unvoiced: int) -> Any:
    return xp.asarray(np.array([unvoiced, tuning.change, tuning.jump, tuning.jump_most], np.int32))
