"""What the neighbours of a frame say of it: whether it is voiced, and where its pitch lies.

Frames wrap around; those of another clip lie too far away to count.
"""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def helped(
    evidence, place, at, frames, span, rise, cost, most, better,
    NOTHING: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Write the evidence of each frame, more where a surer one of the same pitch is next to it."""
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    there = i < frames
    own, here = tl.load(evidence + i, there, other=0), tl.load(place + i, there, other=0)
    when = tl.load(at + i, there, other=0)
    best = own
    for number in range(2):
        j = (i + 2 * number - 1 + frames) % frames
        near = tl.abs(tl.load(at + j, there, other=0) - when) < span
        alike = tl.abs(tl.load(place + j, there, other=0) - here) <= rise
        lent = tl.load(evidence + j, there, other=0) - cost
        best = tl.where(near & alike, tl.maximum(best, lent), best)
    tl.store(better + i, tl.minimum(best, tl.where(own > NOTHING, own + most, own)), there)


@triton.jit
def _sureness(score, sung, ONE: tl.constexpr):
    doubt = (ONE // 50 + ONE - tl.minimum(tl.maximum(score, 0), ONE)).to(tl.int64)
    return tl.where(sung, (1 << 24) // (doubt * doubt), 0)


@triton.jit
def off_line(
    score, place, sung, at, frames, span, near, off, steep, moves,
    ONE: tl.constexpr, FINEST: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Write how far each frame is to be moved onto the line through those around it."""
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    there = i < frames
    here = tl.load(place + i, there, other=0).to(tl.int64)
    now = tl.load(at + i, there, other=0)
    heard = tl.load(sung + i, there, other=0) != 0
    weight = _sureness(tl.load(score + i, there, other=0), heard, ONE) * (FINEST >> 2)
    time = tl.zeros([BLOCK], tl.int64)
    square, reach, cross = time, time, time
    for number in range(2 * near + 1):
        shift = number - near
        j = (i + shift + near * frames) % frames
        later = tl.load(at + j, there, other=0) - now
        rise = tl.load(place + j, there, other=0).to(tl.int64) - here
        when = tl.abs(later) * FINEST // span
        counts = (later * shift > 0) & (when < FINEST)
        counts = counts & (tl.abs(rise) <= off + ((when * steep) >> 6))
        voiced = tl.load(sung + j, there, other=0) != 0
        part = _sureness(tl.load(score + j, there, other=0), voiced, ONE)
        part = tl.where(counts, part * ((FINEST - when) >> 2), 0)
        side = tl.where(shift > 0, when, -when)
        weight += part
        time += side * part
        square += when * when * part
        reach += rise * part
        cross += side * rise * part
    whole, top = weight * square - time * time, square * reach - time * cross
    far, least = tl.abs(top), off * whole
    moved = heard & (far > least)
    by = tl.where(far < 2 * least, 2 * (far - least), far)
    by = tl.where(top > 0, by, -by).to(tl.float64)
    move = tl.where(moved, by / tl.where(moved, whole.to(tl.float64), 1.0), 0.0)
    tl.store(moves + i, move, there)
