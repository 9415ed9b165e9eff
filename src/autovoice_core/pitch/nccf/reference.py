"""Reference kernels of the tracker in plain NumPy, int64 and float64 throughout; slow."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core.pitch.nccf.parameters import (
    ENERGY_BLOCK,
    FORBIDDEN_SCORE,
    NO_CANDIDATE,
    PERFECT_SCORE,
)

Integers = NDArray[np.integer[Any]]


class ReferencePitchKernels:
    """The reference of every :class:`~autovoice_core.pitch.nccf.kernels.PitchKernels`."""

    def decimate(self, samples: Integers, taps: Integers, factor: int) -> NDArray[np.int32]:
        """Return the signal filtered in integers, every ``factor``-th sample of it."""
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
        candidates: int,
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Return the lags at which the normalised cross-correlation around each centre peaks."""
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
        return _peaks(r, first, np.asarray(costs), candidates)

    def decode(
        self,
        score: NDArray[np.int32],
        log_lag: NDArray[np.int32],
        voiced: NDArray[np.bool_],
        weights: Integers,
        starts: Integers,
    ) -> NDArray[np.int32]:
        """Return each clip's path of greatest score through its candidates (Viterbi 1967)."""
        local = np.where((score > NO_CANDIDATE) & voiced[:, None], score, FORBIDDEN_SCORE).astype(
            np.int64
        )
        ends = [*starts[1:], len(score)]
        paths = [
            _best_path(local[begin:end], log_lag[begin:end].astype(np.int64), weights)
            for begin, end in zip(starts, ends, strict=True)
        ]
        return np.concatenate([np.zeros(0, np.int32), *paths])


class ReferenceBatchKernels(ReferencePitchKernels):
    """The reference of every :class:`~autovoice_core.pitch.nccf.kernels.BatchKernels`."""

    def preprocess(
        self,
        samples: NDArray[Any],
        lengths: NDArray[np.int64] | None,
        taps: NDArray[np.int32],
        factor: int,
        reach: int,
        row_length: int,
        *,
        scale: float,
        clip_level: float,
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return rows as integers, decimated and high-passed, and the energies of their blocks."""
        signal = np.zeros((len(samples), row_length), np.int32)
        for i, row in enumerate(samples):
            counting = row if lengths is None else row[: lengths[i]]
            value = counting / 32768 if row.dtype == np.int16 else counting.astype(np.float64)
            whole = np.rint(np.clip(value, -clip_level, clip_level) * scale).astype(np.int64)
            low = self.decimate(whole, taps, factor)
            padded = np.pad(low.astype(np.int64), reach)
            for n in range(len(low)):
                signal[i, n] = low[n] - np.sum(padded[n : n + 2 * reach + 1]) // (2 * reach + 1)
        blocks = signal.reshape(len(samples), -1, ENERGY_BLOCK).astype(np.int64)
        return signal, np.sum(blocks**2, axis=2)

    def attenuation(
        self, energy: NDArray[np.int64], reach: int, gate: int, min_energy: int
    ) -> NDArray[np.int32]:
        """Return how many halvings of energy each block lies below the loudest nearby."""
        result = np.zeros(energy.shape, np.int32)
        for (i, n), value in np.ndenumerate(energy):
            loudest = energy[i, max(0, n - reach) : n + reach + 1].max()
            halvings = sum(value <= loudest >> power for power in range(1, gate + 1))
            result[i, n] = halvings if value > min_energy else gate
        return result


def _best_path(local: Integers, log_lag: Integers, weights: Integers) -> NDArray[np.int32]:
    frames, unvoiced_state = local.shape
    path = np.zeros(frames, np.int32)
    if not frames:
        return path
    unvoiced_score, change, slope, most = (int(w) for w in weights)
    local = np.concatenate([local, np.full((frames, 1), unvoiced_score)], axis=1)
    total = local[0]
    back = np.zeros((frames, unvoiced_state + 1), np.int64)
    step = np.full((unvoiced_state + 1, unvoiced_state + 1), change, np.int64)
    step[unvoiced_state, unvoiced_state] = 0
    for t in range(1, frames):
        distance = np.abs(log_lag[t][:, None] - log_lag[t - 1][None, :])
        step[:unvoiced_state, :unvoiced_state] = np.minimum(most, distance * slope >> 10)
        reached = total[None, :] - step
        back[t] = np.argmax(reached, axis=1)
        total = reached.max(axis=1) + local[t]
        total = np.maximum(total - total.max(), FORBIDDEN_SCORE)
    state = int(np.argmax(total))
    for t in range(frames - 1, -1, -1):
        path[t] = state
        state = int(back[t, state])
    path[path == unvoiced_state] = -1
    return path


def _peaks(
    r: NDArray[np.float64], first: int, costs: Integers, candidates: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    q = np.rint(PERFECT_SCORE * r).astype(np.int64)
    peak = np.zeros(q.shape, bool)
    peak[:, 1:-1] = (q[:, :-2] <= q[:, 1:-1]) & (q[:, 1:-1] > q[:, 2:])
    score = np.where(peak, q - costs, NO_CANDIDATE)
    chosen = np.argsort(-score, axis=1, kind="stable")[:, :candidates]
    score = np.take_along_axis(score, chosen, axis=1)
    inner = np.clip(chosen, 1, r.shape[1] - 2)
    left, middle, right = (np.take_along_axis(r, inner + d, axis=1) for d in (-1, 0, 1))
    bend = left - 2.0 * middle + right
    # q has a peak where r may be flat or even bend the other way, by less than its rounding.
    top = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, 1.0), 0.0)
    lag = first + chosen + np.clip(top, -0.5, 0.5)
    nothing = score == NO_CANDIDATE
    missing = candidates - score.shape[1]
    score = np.pad(score, ((0, 0), (0, max(missing, 0))), constant_values=NO_CANDIDATE)
    lag = np.pad(np.where(nothing, 0.0, lag), ((0, 0), (0, max(missing, 0))))
    return score.astype(np.int32), lag


def _bits(value: Integers) -> Integers:
    """Return how many bits each non-negative value below 2**31 takes."""
    return np.asarray(np.sum(np.asarray(value)[:, None] >= (1 << np.arange(31)), axis=1))
