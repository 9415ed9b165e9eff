"""Smoothing over neighbouring frames: of voicing scores, and of pitch by local regression.

The algorithm is that of :mod:`autovoice_core.pitch.nccf.smoothing`. Frames wrap around; those of
another clip lie too far away to count.
"""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def reinforce(
    score, log_lag, positions, frames, span, distance, cost, gain, reinforced,
    NO_CANDIDATE: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Write the score of each frame, raised where an adjacent one of the same pitch has more."""
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    there = i < frames
    own, here = tl.load(score + i, there, other=0), tl.load(log_lag + i, there, other=0)
    now = tl.load(positions + i, there, other=0)
    best = own
    for number in range(2):
        j = (i + 2 * number - 1 + frames) % frames
        near = tl.abs(tl.load(positions + j, there, other=0) - now) < span
        alike = tl.abs(tl.load(log_lag + j, there, other=0) - here) <= distance
        support = tl.load(score + j, there, other=0) - cost
        best = tl.where(near & alike, tl.maximum(best, support), best)
    most = tl.where(own > NO_CANDIDATE, own + gain, own)
    tl.store(reinforced + i, tl.minimum(best, most), there)


@triton.jit
def _certainty(score, voiced, PERFECT: tl.constexpr):
    doubt = (PERFECT // 50 + PERFECT - tl.minimum(tl.maximum(score, 0), PERFECT)).to(tl.int64)
    return tl.where(voiced, (1 << 24) // (doubt * doubt), 0)


@triton.jit
def regression_shift(
    score, log_lag, voiced, positions, frames, span, neighbours, tolerance, slope, shifts,
    PERFECT_SCORE: tl.constexpr, TIME_STEPS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Write how far each frame is to be moved onto its local regression (Cleveland 1979)."""
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    there = i < frames
    here = tl.load(log_lag + i, there, other=0).to(tl.int64)
    now = tl.load(positions + i, there, other=0)
    is_voiced = tl.load(voiced + i, there, other=0) != 0
    w = _certainty(tl.load(score + i, there, other=0), is_voiced, PERFECT_SCORE)
    w = w * (TIME_STEPS >> 2)
    wt = tl.zeros([BLOCK], tl.int64)
    wtt, wy, wty = wt, wt, wt
    for number in range(2 * neighbours + 1):
        shift = number - neighbours
        j = (i + shift + neighbours * frames) % frames
        later = tl.load(positions + j, there, other=0) - now
        rise = tl.load(log_lag + j, there, other=0).to(tl.int64) - here
        time = tl.abs(later) * TIME_STEPS // span
        counts = (later * shift > 0) & (time < TIME_STEPS)
        counts = counts & (tl.abs(rise) <= tolerance + ((time * slope) >> 6))
        other_voiced = tl.load(voiced + j, there, other=0) != 0
        weight = _certainty(tl.load(score + j, there, other=0), other_voiced, PERFECT_SCORE)
        weight = tl.where(counts, weight * ((TIME_STEPS - time) >> 2), 0)
        signed_time = tl.where(shift > 0, time, -time)
        w += weight
        wt += signed_time * weight
        wtt += time * time * weight
        wy += rise * weight
        wty += signed_time * rise * weight
    denominator, numerator = w * wtt - wt * wt, wtt * wy - wt * wty
    distance, least = tl.abs(numerator), tolerance * denominator
    moved = is_voiced & (distance > least)
    by = tl.where(distance < 2 * least, 2 * (distance - least), distance)
    by = tl.where(numerator > 0, by, -by).to(tl.float64)
    move = tl.where(moved, by / tl.where(moved, denominator.to(tl.float64), 1.0), 0.0)
    tl.store(shifts + i, move, there)
