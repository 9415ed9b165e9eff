"""Synthesis: harmonic oscillators, and overlap-add of frames."""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def cosine_and_sine(turns):
    """Return the cosine and sine of an angle in turns, float64 -> float32 twice.

    Within an eighth of a turn they are polynomials (Moshier's Cephes library).
    """
    quarter = tl.floor(4.0 * turns + 0.5)
    x = ((turns - 0.25 * quarter) * 6.283185307179586).to(tl.float32)
    z = x * x
    sine = x + x * z * (-1.6666654611e-1 + z * (8.3321608736e-3 - z * 1.9515295891e-4))
    cosine = 4.166664568298827e-2 + z * (-1.388731625493765e-3 + z * 2.443315711809948e-5)
    cosine = 1.0 - 0.5 * z + z * z * cosine
    place = (quarter - 4.0 * tl.floor(0.25 * quarter)).to(tl.int32)
    odd = place % 2 == 1
    far, high = (place == 1) | (place == 2), place >= 2
    re, im = tl.where(odd, sine, cosine), tl.where(odd, cosine, sine)
    return tl.where(far, -re, re), tl.where(high, -im, im)


@triton.jit
def oscillate(
    phase, count, real, imaginary, frames, harmonics, spacing, signal,
    BLOCK: tl.constexpr, GROUP: tl.constexpr,
):  # fmt: skip
    """Add up harmonics whose complex amplitudes move linearly from frame to frame."""
    n = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = n < count
    where = n.to(tl.float64) / tl.load(spacing)
    low = tl.minimum(where.to(tl.int32), frames - 2)
    share = (where - low).to(tl.float32)[:, None]
    turn = tl.load(phase + n, inside, other=0.0)
    turn -= tl.floor(turn)
    total = tl.zeros([BLOCK], tl.float64)
    for first in range(0, harmonics, GROUP):
        k = first + tl.arange(0, GROUP)
        re, im = cosine_and_sine(turn[:, None] * (k + 1).to(tl.float64)[None, :])
        at = low.to(tl.int64)[:, None] * harmonics + k[None, :]
        there = inside[:, None] & (k < harmonics)[None, :]
        a, b = tl.load(real + at, there, other=0.0), tl.load(imaginary + at, there, other=0.0)
        a += share * (tl.load(real + at + harmonics, there, other=0.0) - a)
        b += share * (tl.load(imaginary + at + harmonics, there, other=0.0) - b)
        total += tl.sum(a * re - b * im, axis=1).to(tl.float64)
    tl.store(signal + n, total.to(tl.float32), inside)


@triton.jit
def overlap_add(
    frames, count, size, starts, order, length, signal, BLOCK: tl.constexpr, STEPS: tl.constexpr
):
    """Add up frames, each from its start, into the samples of a block of a channel.

    ``starts`` rise, ``order`` says which frame begins at each, and ``2**STEPS`` is more than there
    are.
    """
    channel = tl.program_id(1).to(tl.int64)
    begin = tl.program_id(0).to(tl.int64) * BLOCK
    n = begin + tl.arange(0, BLOCK)
    inside = n < length
    # The first frame that still reaches the block, and the first that begins behind it.
    first = tl.zeros([], tl.int32)
    behind = tl.zeros([], tl.int32)
    for power in range(STEPS):
        step = 1 << (STEPS - 1 - power)
        ahead = tl.load(starts + tl.minimum(first + step, count) - 1)
        first = tl.where((first + step <= count) & (ahead <= begin - size), first + step, first)
        ahead = tl.load(starts + tl.minimum(behind + step, count) - 1)
        behind = tl.where((behind + step <= count) & (ahead < begin + BLOCK), behind + step, behind)
    total = tl.zeros([BLOCK], tl.float64)
    for frame in range(first, behind):
        place = n - tl.load(starts + frame)
        at = (channel * count + tl.load(order + frame)) * size + place
        there = inside & (place >= 0) & (place < size)
        total += tl.load(frames + at, there, other=0.0).to(tl.float64)
    tl.store(signal + channel * length + n, total.to(tl.float32), inside)
