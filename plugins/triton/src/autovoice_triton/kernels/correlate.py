"""The lags at which the normalised cross-correlation around each centre peaks."""

from __future__ import annotations

import triton
import triton.language as tl

from autovoice_triton.kernels.preprocess import rounded


@triton.jit
def load_frame(signal, length, centres, reach, x, known, SIZE: tl.constexpr):
    """Cut out the samples around a frame, shifted until they fit 11 bits, and sum their squares.

    ``SIZE`` is a power of two, more than ``2 * reach + 1``; ``known[n]`` is the energy of the
    ``n`` samples that come first.
    """
    frame = tl.program_id(0).to(tl.int64)
    n = tl.arange(0, SIZE)
    at = tl.load(centres + frame) - reach + n
    inside = (n < 2 * reach + 1) & (at >= 0) & (at < length)
    around = tl.load(signal + at, inside, other=0)
    peak = tl.max(tl.abs(around), axis=0)
    shift = 0
    for bit in range(22):
        shift += ((peak >> bit) >= 1024).to(tl.int32)
    value = (around + ((1 << shift) >> 1)) >> shift
    value = tl.where(inside, value, 0)
    tl.store(x + frame * SIZE + n, value.to(tl.int16))
    square = value.to(tl.int64) * value
    tl.store(known + frame * SIZE + n, tl.cumsum(square, axis=0) - square)


@triton.jit
def correlate(
    x, known, first, widths, lags, reach, r,
    SIZE: tl.constexpr, GROUP: tl.constexpr, TIME: tl.constexpr,
):  # fmt: skip
    """Write how well a frame agrees with itself at ``GROUP`` lags, ``TIME`` samples at a time."""
    frame = tl.program_id(0).to(tl.int64)
    i = tl.program_id(1) * GROUP + tl.arange(0, GROUP)
    real = i < lags
    i = tl.minimum(i, lags - 1)
    lag = first + i
    width = tl.load(widths + i)
    a = reach - (width + lag) // 2
    samples = x + frame * SIZE
    sums = tl.zeros([GROUP, TIME], tl.int32)
    begin, end = tl.min(a, axis=0), tl.max(a + width, axis=0)
    for start in range(begin, end, TIME):
        n = start + tl.arange(0, TIME)
        one = tl.load(samples + n, n < end, other=0).to(tl.int32)
        open_ = (n[None, :] >= a[:, None]) & (n[None, :] < (a + width)[:, None])
        two = tl.load(samples + (n[None, :] + lag[:, None]), open_, other=0).to(tl.int32)
        sums += one[None, :] * two
    products = tl.sum(sums.to(tl.int64), axis=1)
    energy = known + frame * SIZE
    b = a + lag
    e1 = tl.load(energy + a + width) - tl.load(energy + a)
    e2 = tl.load(energy + b + width) - tl.load(energy + b)
    norm = tl.sqrt(e1.to(tl.float64)) * tl.sqrt(e2.to(tl.float64))
    value = tl.where(norm > 0, products.to(tl.float64) / tl.where(norm > 0, norm, 1.0), 0.0)
    tl.store(r + frame * lags + i, value, real)


@triton.jit
def keep_peaks(
    r, first, costs, lags, candidates, score, top,
    LAGS: tl.constexpr, PERFECT_SCORE: tl.constexpr, NO_CANDIDATE: tl.constexpr,
):  # fmt: skip
    """Write the candidates of a frame, best first; ``LAGS`` is a power of two over ``lags``."""
    frame = tl.program_id(0).to(tl.int64)
    i = tl.arange(0, LAGS)
    middle = tl.load(r + frame * lags + i, i < lags, other=0.0)
    left = tl.load(r + frame * lags + i - 1, (i > 0) & (i < lags), other=0.0)
    right = tl.load(r + frame * lags + i + 1, i < lags - 1, other=0.0)
    q = rounded(PERFECT_SCORE * middle)
    before, behind = rounded(PERFECT_SCORE * left), rounded(PERFECT_SCORE * right)
    peak = (i > 0) & (i < lags - 1) & (before <= q) & (q > behind)
    value = q.to(tl.int64) - tl.load(costs + i, i < lags, other=0)
    # One number says both which is better and, of equals, which comes first.
    nothing = tl.full([LAGS], -(1 << 62), tl.int64)
    key = tl.where(peak, value * LAGS + (LAGS - 1 - i), nothing)
    bend = left - 2.0 * middle + right
    aside = tl.where(bend < 0, 0.5 * (left - right) / tl.where(bend < 0, bend, 1.0), 0.0)
    lag = (first + i).to(tl.float64) + tl.minimum(tl.maximum(aside, -0.5), 0.5)
    for rank in range(candidates):
        greatest = tl.max(key, axis=0)
        found = greatest > -(1 << 62)
        chosen = found & (key == greatest)
        worth = tl.sum(tl.where(chosen, value, 0), axis=0)
        at = frame * candidates + rank
        tl.store(score + at, tl.where(found, worth, NO_CANDIDATE).to(tl.int32))
        tl.store(top + at, tl.sum(tl.where(chosen, lag, 0.0), axis=0))
        key = tl.where(chosen, nothing, key)
