"""Preprocessing: samples as integers, decimated and high-passed, and how loud they are."""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def rounded(value):
    """Return the nearest whole number, of two the even one, in the type of ``value``."""
    low = tl.floor(value)
    rest = value - low
    odd = low - 2 * tl.floor(low * 0.5)
    return tl.where((rest > 0.5) | ((rest == 0.5) & (odd > 0)), low + 1, low)


@triton.jit
def decimate(
    samples, width, lengths, scale, clip_level, taps, tap_count, factor, low, row,
    CUT: tl.constexpr, FLOATING: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Filter a row in integers and keep every ``factor``-th sample.

    ``lengths`` counts if ``CUT``. Samples that are ``FLOATING`` are clipped at ``clip_level`` and
    rounded; others are multiplied by ``scale``, a whole number.
    """
    number = tl.program_id(1).to(tl.int64)
    out = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    length = width
    if CUT:
        length = tl.load(lengths + number)
    total = tl.full([BLOCK], 1 << 14, tl.int64)
    for n in range(tap_count):
        at = out * factor - tap_count // 2 + n
        value = tl.load(samples + number * width + at, mask=(at >= 0) & (at < length), other=0)
        if FLOATING:
            value = tl.minimum(tl.maximum(value, -clip_level), clip_level)
            value = rounded(value * scale).to(tl.int64)
        else:
            value = value.to(tl.int64) * scale
        total += tl.load(taps + n).to(tl.int64) * value
    tl.store(low + number * row + out, (total >> 15).to(tl.int32), out < row)


@triton.jit
def high_pass(
    low, row, width, lengths, factor, reach, signal, energy,
    CUT: tl.constexpr, AVERAGE: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Subtract from each sample of a block the average of ``reach`` samples to either side.

    ``AVERAGE`` is a power of two that is no less than that many samples. What the low pass rings on
    with behind the end is not sound, and left out.
    """
    number = tl.program_id(1).to(tl.int64)
    length = width
    if CUT:
        length = tl.load(lengths + number)
    count = (length + factor - 1) // factor
    begin = tl.program_id(0).to(tl.int64) * BLOCK
    near = tl.arange(0, AVERAGE)
    size = 2 * reach + 1
    at = begin - reach + near
    held = tl.load(low + number * row + at, (near < size) & (at >= 0) & (at < count), other=0)
    # From one sum to the next, one sample comes and one goes.
    here = tl.arange(0, BLOCK)
    out = begin + here
    come, go = out + reach, out - reach - 1
    gained = tl.load(low + number * row + come, (here > 0) & (come < count), other=0)
    lost = tl.load(low + number * row + go, (here > 0) & (go >= 0) & (go < count), other=0)
    total = tl.sum(held.to(tl.int64), axis=0)
    total += tl.cumsum(gained.to(tl.int64) - lost.to(tl.int64), axis=0)
    mean = tl.where(total >= 0, total // size, -((size - 1 - total) // size))  # rounded down
    x = tl.load(low + number * row + out, out < count, other=0).to(tl.int64)
    value = tl.where(out < count, x - mean, 0)
    tl.store(signal + number * row + out, value.to(tl.int32))
    squares = tl.sum(value * value, axis=0)
    tl.store(energy + (number * row + begin) // BLOCK, squares)


@triton.jit
def attenuation(energy, count, reach, gate, min_energy, result, BLOCK: tl.constexpr):
    """Count the halvings of energy of each block below the loudest within ``reach`` of it."""
    number = tl.program_id(1).to(tl.int64)
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    own = tl.load(energy + number * count + at, at < count, other=0)
    loudest = own
    for n in range(-reach, reach + 1):
        there = (at + n >= 0) & (at + n < count)
        loudest = tl.maximum(loudest, tl.load(energy + number * count + at + n, there, other=0))
    halvings = tl.zeros([BLOCK], tl.int32)
    for power in range(1, gate + 1):
        halvings += (own <= (loudest >> power)).to(tl.int32)
    tl.store(result + number * count + at, tl.where(own > min_energy, halvings, gate), at < count)
