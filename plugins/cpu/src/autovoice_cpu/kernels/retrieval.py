"""The kernels of ``cpu/retrieval``, compiled by Numba."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_cpu.kernels.compilation import compiled

_BATCH_QUERIES = 256  # whose distances are held at a time
_MAX_LOOP_QUERIES = 4  # up to which one loop over the references is faster than a matrix product


class NumbaConversionKernels:
    """Implements :class:`autovoice_core.conversion.retrieval.kernels.ConversionKernels`."""

    def nearest(self, queries: Any, references: Any, k: int) -> tuple[Any, Any]:
        """See the protocol."""
        queries = np.ascontiguousarray(queries, np.float32)
        references = np.ascontiguousarray(references, np.float32)
        few = queries.shape[0] <= _MAX_LOOP_QUERIES
        if few:
            dots, norms = _products(queries, references)
        else:
            norms = np.einsum("rn,rn->r", references, references)
        indices = np.empty((queries.shape[0], k), np.int64)
        distances = np.empty((queries.shape[0], k), np.float32)
        for start in range(0, queries.shape[0], _BATCH_QUERIES):
            part = queries[start : start + _BATCH_QUERIES]
            _smallest(
                dots if few else part @ references.T,
                norms,
                np.einsum("qn,qn->q", part, part),
                indices[start : start + _BATCH_QUERIES],
                distances[start : start + _BATCH_QUERIES],
            )
        return indices, distances

    def cheapest_paths(self, local: Any, steps: Any) -> Any:
        """See the protocol."""
        return _viterbi(
            np.ascontiguousarray(local, np.float64), np.ascontiguousarray(steps, np.float64)
        )

    def oscillators(self, phase: Any, real: Any, imaginary: Any, spacing: float) -> Any:
        """See the protocol."""
        return _oscillate(
            np.ascontiguousarray(phase, np.float64),
            np.ascontiguousarray(real, np.float32),
            np.ascontiguousarray(imaginary, np.float32),
            float(spacing),
        )

    def overlap_add(self, frames: Any, starts: Any, length: int) -> Any:
        """See the protocol."""
        frames = np.ascontiguousarray(frames, np.float32)
        total = np.zeros((frames.shape[0], length), np.float32)
        _add(frames, np.ascontiguousarray(starts, np.int64), total)
        return total


@compiled(fastmath={"reassoc", "contract"})
def _products(
    queries: NDArray[np.float32], references: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:  # pragma: no cover
    count, width = references.shape
    dots = np.empty((queries.shape[0], count), np.float32)
    norms = np.empty(count, np.float32)
    for r in range(count):
        row = references[r]
        total = np.float32(0.0)
        for n in range(width):
            total += row[n] * row[n]
        norms[r] = total
        for q in range(queries.shape[0]):
            query = queries[q]
            total = np.float32(0.0)
            for n in range(width):
                total += row[n] * query[n]
            dots[q, r] = total
    return dots, norms


@compiled()
def _smallest(
    scores: NDArray[np.float32],
    reference_norms: NDArray[np.float32],
    query_norms: NDArray[np.float32],
    indices: NDArray[np.int64],
    distances: NDArray[np.float32],
) -> None:  # pragma: no cover
    queries, references = scores.shape
    k = indices.shape[1]
    for q in range(queries):
        found = 0
        worst = np.float32(np.inf)
        for r in range(references):
            value = reference_norms[r] - np.float32(2.0) * scores[q, r]
            if found == k and value >= worst:
                continue
            place = found if found < k else k - 1
            while place > 0 and distances[q, place - 1] > value:
                distances[q, place] = distances[q, place - 1]
                indices[q, place] = indices[q, place - 1]
                place -= 1
            distances[q, place] = value
            indices[q, place] = r
            if found < k:
                found += 1
            worst = distances[q, found - 1]
        for place in range(found, k):
            distances[q, place] = distances[q, found - 1]
            indices[q, place] = indices[q, found - 1]
        for place in range(k):
            distances[q, place] = max(distances[q, place] + query_norms[q], np.float32(0.0))


@compiled()
def _viterbi(
    local: NDArray[np.float64], steps: NDArray[np.float64]
) -> NDArray[np.int64]:  # pragma: no cover
    paths, length, states = local.shape
    result = np.zeros((paths, length), np.int64)
    origin = np.zeros((length, states), np.int64)
    cost = np.zeros(states)
    new = np.zeros(states)
    for p in range(paths):
        for s in range(states):
            cost[s] = local[p, 0, s]
        for t in range(1, length):
            for s in range(states):
                best, source = np.inf, 0
                for o in range(states):
                    value = cost[o] + steps[p, t - 1, o, s]
                    if value < best:
                        best, source = value, o
                new[s] = best + local[p, t, s]
                origin[t, s] = source
            for s in range(states):
                cost[s] = new[s]
        state = 0
        for s in range(states):
            if cost[s] < cost[state]:
                state = s
        for t in range(length - 1, -1, -1):
            result[p, t] = state
            state = origin[t, state]
    return result


@compiled()
def _oscillate(
    phase: NDArray[np.float64],
    real: NDArray[np.float32],
    imaginary: NDArray[np.float32],
    spacing: float,
) -> NDArray[np.float32]:  # pragma: no cover
    count = phase.size
    frames, harmonics = real.shape
    result = np.zeros(count, np.float32)
    longest = int(spacing) + 2
    # One step of every oscillator, and where harmonic k stands, for the samples between frames.
    step_re, step_im = np.empty(longest), np.empty(longest)
    now_re, now_im = np.empty(longest), np.empty(longest)
    share, total = np.empty(longest), np.empty(longest)
    for frame in range(frames - 1):
        start = int(np.ceil(frame * spacing))
        stop = min(int(np.ceil((frame + 1) * spacing)), count)
        size = stop - start
        if size <= 0:
            break
        used = 0
        for k in range(harmonics):
            if (
                real[frame, k] != 0.0
                or imaginary[frame, k] != 0.0
                or real[frame + 1, k] != 0.0
                or imaginary[frame + 1, k] != 0.0
            ):
                used = k + 1
        for n in range(size):
            angle = 2.0 * np.pi * (phase[start + n] - np.floor(phase[start + n]))
            step_re[n], step_im[n] = np.cos(angle), np.sin(angle)
            now_re[n], now_im[n] = 1.0, 0.0
            share[n] = (start + n) / spacing - frame
            total[n] = 0.0
        for k in range(used):
            re, im = float(real[frame, k]), float(imaginary[frame, k])
            slope_re = float(real[frame + 1, k]) - re
            slope_im = float(imaginary[frame + 1, k]) - im
            for n in range(size):
                old = now_re[n]
                now_re[n] = old * step_re[n] - now_im[n] * step_im[n]
                now_im[n] = old * step_im[n] + now_im[n] * step_re[n]
                total[n] += (re + share[n] * slope_re) * now_re[n] - (
                    im + share[n] * slope_im
                ) * now_im[n]
        for n in range(size):
            result[start + n] = total[n]
    return result


@compiled()
def _add(
    frames: NDArray[np.float32], starts: NDArray[np.int64], total: NDArray[np.float32]
) -> None:  # pragma: no cover
    channels, count, size = frames.shape
    length = total.shape[1]
    for c in range(channels):
        for f in range(count):
            first = max(0, -starts[f])
            last = min(size, length - starts[f])
            for n in range(first, last):
                total[c, starts[f] + n] += frames[c, f, n]
