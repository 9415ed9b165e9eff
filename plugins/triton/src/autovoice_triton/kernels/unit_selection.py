"""Unit selection: the nearest references of each query, and the cheapest path through a trellis."""

from __future__ import annotations

import triton
import triton.language as tl

LARGEST = tl.constexpr(3.402823466e38)


@triton.jit
def nearest(products, norms, own, references, k, index, distance, BLOCK: tl.constexpr):
    """Write the ``k`` references of least distance to a query, of equals the first.

    Each round finds the least of what comes behind the one found before, in order of distance and
    then of number.
    """
    query = tl.program_id(0).to(tl.int64)
    length = tl.load(own + query)
    last = tl.full([], -LARGEST, tl.float32)
    last_at = tl.full([], -1, tl.int32)
    for n in range(k):
        if n < references:
            least = tl.full([BLOCK], LARGEST, tl.float32)
            at = tl.zeros([BLOCK], tl.int32) + references
            for begin in range(0, references, BLOCK):
                r = begin + tl.arange(0, BLOCK)
                there = r < references
                value = tl.load(norms + r, there, other=LARGEST)
                value -= 2.0 * tl.load(products + query * references + r, there, other=0.0)
                behind = there & ((value > last) | ((value == last) & (r > last_at)))
                better = behind & (value < least)
                least = tl.where(better, value, least)
                at = tl.where(better, r, at)
            last = tl.min(least, axis=0)
            last_at = tl.min(tl.where(least == last, at, references), axis=0)
        tl.store(index + query * k + n, last_at.to(tl.int64))
        tl.store(distance + query * k + n, tl.maximum(last + length, 0.0))


@triton.jit
def cheapest_path(local, steps, length, states, origins, path, STATES: tl.constexpr):
    """Find the cheapest path through a trellis (Viterbi 1967), of equals by the first state."""
    own = tl.program_id(0).to(tl.int64)
    state = tl.arange(0, STATES)
    known = state < states
    local += own * length * states
    origins += own * length * states
    steps += own * (length - 1) * states * states
    cost = tl.load(local + state, known, other=float("inf"))
    table = state[:, None] * states + state[None, :]
    inside = known[:, None] & known[None, :]
    for t in range(1, length):
        ways = cost[:, None] + tl.load(steps + table, inside, other=float("inf"))
        least = tl.min(ways, axis=0)
        first = tl.where(ways == least[None, :], state[:, None], STATES)
        tl.store(origins + t * states + state, tl.min(first, axis=0).to(tl.int16), known)
        cost = least + tl.load(local + t * states + state, known, other=float("inf"))
        steps += states * states
    tl.debug_barrier()  # what other threads wrote is read
    at = tl.min(tl.where(cost == tl.min(cost, axis=0), state, STATES), axis=0)
    for n in range(length - 1):
        t = length - 1 - n
        tl.store(path + own * length + t, at.to(tl.int64))
        at = tl.load(origins + t * states + at).to(tl.int32)
    tl.store(path + own * length, at.to(tl.int64))
