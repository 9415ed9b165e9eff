"""The kernels of pitch tracking in plain NumPy, int64 and float64 throughout."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core.pitch.nccf.parameters import IMPOSSIBLE, NOTHING

Integers = NDArray[np.integer[Any]]


class ReferencePitchKernels:
    """The slow twin of every :class:`~autovoice_core.pitch.nccf.kernels.PitchKernels`."""

    def decimate(self, samples: Integers, taps: Integers, factor: int) -> NDArray[np.int32]:
        """Filter in integers and keep every ``factor``-th sample."""
        half = len(taps) // 2
        count = -(-len(samples) // factor)
        padded = np.zeros(half + count * factor + len(taps), np.int64)
        padded[half : half + len(samples)] = samples
        total = np.full(count, 1 << 14, np.int64)
        for i, tap in enumerate(taps):
            total += int(tap) * padded[i : i + count * factor : factor]
        return (total >> 15).astype(np.int32)

    def correlate(
        self,
        signal: Integers,
        centres: Integers,
        first: int,
        widths: Integers,
        costs: Integers,
        best: int,
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Find the lags at which the signal around each centre looks like itself."""
        reach = (int(widths[-1]) + first + len(widths)) // 2
        padded = np.concatenate([np.zeros(reach), signal, np.zeros(reach + 1)]).astype(np.int64)
        x = padded[np.asarray(centres)[:, None] + np.arange(2 * reach + 1)]
        shift = np.maximum(_bits(np.abs(x).max(axis=1)) - 10, 0)[:, None]
        x = (x + np.where(shift > 0, 1 << np.maximum(shift - 1, 0), 0)) >> shift
        energy = np.concatenate([np.zeros((len(x), 1), np.int64), np.cumsum(x * x, axis=1)], 1)
        r = np.zeros((len(x), len(widths)))
        for i, width in enumerate(int(w) for w in widths):
            lag = first + i
            a = reach - (width + lag) // 2
            b = a + lag
            number = np.sum(x[:, a : a + width] * x[:, b : b + width], axis=1)
            e1 = (energy[:, a + width] - energy[:, a]).astype(np.float64)
            e2 = (energy[:, b + width] - energy[:, b]).astype(np.float64)
            norm = np.sqrt(e1) * np.sqrt(e2)
            r[:, i] = np.where(norm > 0, number / np.where(norm > 0, norm, 1.0), 0.0)
        return _peaks(r, first, np.asarray(costs), best)

    def decode(
        self,
        score: NDArray[np.int32],
        place: NDArray[np.int32],
        voiced: NDArray[np.bool_],
        weights: Integers,
        starts: Integers,
    ) -> NDArray[np.int32]:
        """Find each clip's path of greatest score through its candidates (Viterbi 1967)."""
        local = np.where((score > NOTHING) & voiced[:, None], score, IMPOSSIBLE).astype(np.int64)
        ends = [*starts[1:], len(score)]
        paths = [
            _best_path(local[begin:end], place[begin:end].astype(np.int64), weights)
            for begin, end in zip(starts, ends, strict=True)
        ]
        return np.concatenate([np.zeros(0, np.int32), *paths])


def _best_path(local: Integers, place: Integers, weights: Integers) -> NDArray[np.int32]:
    frames, best = local.shape
    path = np.zeros(frames, np.int32)
    if not frames:
        return path
    unvoiced, change, slope, most = (int(w) for w in weights)
    local = np.concatenate([local, np.full((frames, 1), unvoiced)], axis=1)
    total = local[0]
    back = np.zeros((frames, best + 1), np.int64)
    step = np.full((best + 1, best + 1), change, np.int64)
    step[best, best] = 0
    for t in range(1, frames):
        distance = np.abs(place[t][:, None] - place[t - 1][None, :])
        step[:best, :best] = np.minimum(most, distance * slope >> 10)
        reached = total[None, :] - step
        back[t] = np.argmax(reached, axis=1)
        total = reached.max(axis=1) + local[t]
        total = np.maximum(total - total.max(), IMPOSSIBLE)
    state = int(np.argmax(total))
    for t in range(frames - 1, -1, -1):
        path[t] = state
        state = int(back[t, state])
    path[path == best] = -1
    return path


def _peaks(
    r: NDArray[np.float64], first: int, costs: Integers, best: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    q = np.rint(4096 * r).astype(np.int64)
    peak = np.zeros(q.shape, bool)
    peak[:, 1:-1] = (q[:, :-2] <= q[:, 1:-1]) & (q[:, 1:-1] > q[:, 2:])
    score = np.where(peak, q - costs, NOTHING)
    chosen = np.argsort(-score, axis=1, kind="stable")[:, :best]
    score = np.take_along_axis(score, chosen, axis=1)
    inner = np.clip(chosen, 1, r.shape[1] - 2)
    left, middle, right = (np.take_along_axis(r, inner + d, axis=1) for d in (-1, 0, 1))
    bend = left - 2.0 * middle + right
    # q has a peak where r may be flat or even bend the other way, by less than its rounding.
    top = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, 1.0), 0.0)
    lag = first + chosen + np.clip(top, -0.5, 0.5)
    nothing = score == NOTHING
    missing = best - score.shape[1]
    score = np.pad(score, ((0, 0), (0, max(missing, 0))), constant_values=NOTHING)
    lag = np.pad(np.where(nothing, 0.0, lag), ((0, 0), (0, max(missing, 0))))
    return score.astype(np.int32), lag


def _bits(value: Integers) -> Integers:
    """Return how many bits each non-negative value below 2**31 takes."""
    return np.asarray(np.sum(np.asarray(value)[:, None] >= (1 << np.arange(31)), axis=1))
