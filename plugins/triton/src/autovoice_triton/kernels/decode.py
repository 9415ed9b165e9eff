"""The best path through the candidates of each clip, in integers (Viterbi 1967).

All clips are one chain: where a clip begins, every step is free, so that each state's best
predecessor is the state in which the clip before ended. The chain is cut into spans of ``SPAN``
frames that are processed in parallel. A span takes the scores before it to the scores behind it
by a product of matrices in (max, +), which is exact; keeping scores over ``FORBIDDEN_SCORE`` is
linear too.

States lie in a vector of ``STATES``, a power of two; number ``candidates`` is unvoiced, and those
behind it can't be reached.
"""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def _log_lags(log_lag, t, candidates, STATES: tl.constexpr):
    # Before the first frame there is none, and no step to it costs anything.
    state = tl.arange(0, STATES)
    return tl.load(log_lag + tl.maximum(t, 0) * candidates + state, state < candidates, other=0)


@triton.jit
def _advance(
    total, before, t, score, log_lag, voiced, weights, begins, candidates,
    STATES: tl.constexpr, NO_CANDIDATE: tl.constexpr, FORBIDDEN_SCORE: tl.constexpr,
):  # fmt: skip
    """Return the scores at ``t``, less the greatest; the greatest, predecessors and log lags."""
    state = tl.arange(0, STATES)
    unvoiced, change = tl.load(weights), tl.load(weights + 1)
    slope, most = tl.load(weights + 2).to(tl.int64), tl.load(weights + 3)
    here = _log_lags(log_lag, t, candidates, STATES)
    apart = tl.abs(here[:, None] - before[None, :]).to(tl.int64)
    step = tl.minimum((apart * slope) >> 10, most.to(tl.int64)).to(tl.int32)
    edge = (state == candidates).to(tl.int32)
    step = tl.where(edge[:, None] + edge[None, :] == 1, change, step)
    step = tl.where(edge[:, None] + edge[None, :] == 2, 0, step)
    step = tl.where(tl.load(begins + t) != 0, 0, step)
    reached = total[None, :] - step
    reached = tl.where((state <= candidates)[None, :], reached, 4 * FORBIDDEN_SCORE)
    chosen = tl.argmax(reached, axis=1)  # ties go to the earlier state
    worth = tl.load(score + t * candidates + state, state < candidates, other=NO_CANDIDATE)
    allowed = (worth > NO_CANDIDATE) & (tl.load(voiced + t) != 0)
    local = tl.where(state == candidates, unvoiced, tl.where(allowed, worth, FORBIDDEN_SCORE))
    total = tl.where(state <= candidates, tl.max(reached, axis=1) + local, 4 * FORBIDDEN_SCORE)
    greatest = tl.max(total, axis=0)
    return tl.maximum(total - greatest, FORBIDDEN_SCORE), greatest, chosen, here


@triton.jit
def products(
    score, log_lag, voiced, weights, begins, frames, candidates, matrices, offsets,
    SPAN: tl.constexpr, STATES: tl.constexpr,
    NO_CANDIDATE: tl.constexpr, FORBIDDEN_SCORE: tl.constexpr,
):  # fmt: skip
    """Write a column of the matrix of a span: the scores behind it if one state alone enters it."""
    span, column = tl.program_id(0).to(tl.int64), tl.program_id(1)
    state = tl.arange(0, STATES)
    total = tl.where(state == column, 0, 2 * FORBIDDEN_SCORE)
    offset = tl.zeros([1], tl.int64)
    begin = span * SPAN
    before = _log_lags(log_lag, begin - 1, candidates, STATES)
    for t in range(begin, tl.minimum(begin + SPAN, frames)):
        total, greatest, chosen, before = _advance(
            total, before, t, score, log_lag, voiced, weights, begins, candidates,
            STATES, NO_CANDIDATE, FORBIDDEN_SCORE,
        )  # fmt: skip
        offset += greatest
    at = span * STATES + column
    tl.store(matrices + at * STATES + state, total)
    tl.store(offsets + at + tl.arange(0, 1), offset)


@triton.jit
def entries(
    matrices, offsets, edges, candidates, entered,
    SPAN: tl.constexpr, STATES: tl.constexpr, FORBIDDEN_SCORE: tl.constexpr,
):  # fmt: skip
    """Write the scores with which the spans of a clip are entered.

    A span in which a clip begins does not care how it is entered.
    """
    clip = tl.program_id(0)
    state = tl.arange(0, STATES)
    start, end = tl.load(edges + clip), tl.load(edges + clip + 1)
    total = tl.zeros([STATES], tl.int64)
    for span in range(start // SPAN, end // SPAN):
        column = total + tl.load(offsets + span * STATES + state, state <= candidates, other=0)
        column = tl.where(state <= candidates, column, 16 * FORBIDDEN_SCORE)
        column = tl.maximum(column - tl.max(column, axis=0), 2 * FORBIDDEN_SCORE)
        at = span * STATES * STATES + state[None, :] * STATES + state[:, None]
        matrix = tl.load(matrices + at, (state <= candidates)[None, :], other=4 * FORBIDDEN_SCORE)
        total = tl.max(column[None, :] + matrix, axis=1)
        total = tl.where(state <= candidates, total, 4 * FORBIDDEN_SCORE)
        total = tl.maximum(total - tl.max(total, axis=0), FORBIDDEN_SCORE)
        tl.store(entered + (span + 1) * STATES + state, total.to(tl.int32))


@triton.jit
def forward(
    score, log_lag, voiced, weights, begins, frames, candidates, entered, back, across, final,
    SPAN: tl.constexpr, STATES: tl.constexpr,
    NO_CANDIDATE: tl.constexpr, FORBIDDEN_SCORE: tl.constexpr,
):  # fmt: skip
    """Write best predecessors, and the state before the span for each one at its end."""
    span = tl.program_id(0).to(tl.int64)
    state = tl.arange(0, STATES)
    begin = span * SPAN
    end = tl.minimum(begin + SPAN, frames)
    total = tl.load(entered + span * STATES + state)
    before = _log_lags(log_lag, begin - 1, candidates, STATES)
    for t in range(begin, end):
        total, greatest, chosen, before = _advance(
            total, before, t, score, log_lag, voiced, weights, begins, candidates,
            STATES, NO_CANDIDATE, FORBIDDEN_SCORE,
        )  # fmt: skip
        tl.store(back + t * STATES + state, chosen.to(tl.uint8))
    tl.debug_barrier()  # what other threads wrote is read
    at = tl.minimum(state, candidates)
    for n in range(end - begin):
        at = tl.load(back + (end - 1 - n) * STATES + at).to(tl.int32)
    tl.store(across + span * STATES + state, at.to(tl.uint8))
    if end == frames:
        tl.store(final, tl.argmax(total, axis=0).to(tl.uint8))


@triton.jit
def exits(across, final, edges, frames, left, SPAN: tl.constexpr, STATES: tl.constexpr):
    """Write the state at the end of the spans of a clip.

    The span in which the next clip begins leads to the same state from all.
    """
    clip = tl.program_id(0)
    spans = (frames + SPAN - 1) // SPAN
    begin, end = tl.load(edges + clip), tl.load(edges + clip + 1)
    state = tl.load(final).to(tl.int32)
    tl.store(left + spans - 1, state.to(tl.uint8), end == frames)
    last = tl.minimum(end // SPAN - 1, spans - 2)
    for n in range(last - begin // SPAN + 1):
        state = tl.load(across + (last + 1 - n) * STATES + state).to(tl.int32)
        tl.store(left + last - n, state.to(tl.uint8))


@triton.jit
def trace(back, left, frames, candidates, path, SPAN: tl.constexpr, STATES: tl.constexpr):
    """Write the path through a span, from the state at its end backwards."""
    span = tl.program_id(0).to(tl.int64)
    begin = span * SPAN
    end = tl.minimum(begin + SPAN, frames)
    state = tl.load(left + span).to(tl.int32)
    for n in range(end - begin):
        t = end - 1 - n
        tl.store(path + t, tl.where(state == candidates, -1, state))
        state = tl.load(back + t * STATES + state).to(tl.int32)
