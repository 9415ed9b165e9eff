"""The kernels of ``cpu/nccf``, compiled by Numba; bit for bit equal to the reference."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autovoice_core.pitch.nccf.parameters import FORBIDDEN_SCORE, NO_CANDIDATE
from autovoice_cpu.kernels.compilation import compiled
from autovoice_cpu.kernels.threads import in_parallel

MIN_DECODED_FRAMES = 4096
"""Frames that are worth a thread of their own to decode."""


class NumbaPitchKernels:
    """:class:`~autovoice_core.pitch.nccf.kernels.PitchKernels` on the cores of the processor."""

    def decimate(
        self, samples: NDArray[np.int32], taps: NDArray[np.int32], factor: int
    ) -> NDArray[np.int32]:
        """Return the signal filtered in integers, every ``factor``-th sample of it."""
        half = len(taps) // 2
        count = -(-len(samples) // factor)
        padded = np.zeros(half + count * factor + len(taps), np.int32)
        padded[half : half + len(samples)] = samples
        out = np.empty(count, np.int32)
        in_parallel(
            lambda a, b: _decimate(padded, taps, factor, out, a, b), count, min_piece=1 << 14
        )
        return out

    def correlate(
        self,
        signal: NDArray[np.int32],
        centres: NDArray[np.int64],
        first: int,
        widths: NDArray[np.int32],
        costs: NDArray[np.int32],
        candidates: int,
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Return the lags at which the normalised cross-correlation around each centre peaks."""
        reach = (int(widths[-1]) + first + len(widths)) // 2
        padded = np.zeros(len(signal) + 2 * reach + 1, np.int32)
        padded[reach : reach + len(signal)] = signal
        score = np.full((len(centres), candidates), NO_CANDIDATE, np.int32)
        lag = np.zeros((len(centres), candidates))

        def work(begin: int, end: int) -> None:
            _correlate(padded, centres, first, widths, costs, score, lag, begin, end)

        in_parallel(work, len(centres), min_piece=32)
        return score, lag

    def decode(
        self,
        score: NDArray[np.int32],
        log_lag: NDArray[np.int32],
        voiced: NDArray[np.bool_],
        weights: NDArray[np.int32],
        starts: NDArray[np.int64],
    ) -> NDArray[np.int32]:
        """Return each clip's path of greatest score through its candidates (Viterbi 1967)."""
        path = np.empty(len(score), np.int32)
        edges = np.append(starts, len(score))

        def work(begin: int, end: int) -> None:
            for first, last in zip(edges[begin:end], edges[begin + 1 : end + 1], strict=True):
                clip = slice(first, last)
                _decode(score[clip], log_lag[clip], voiced[clip], weights, path[clip])

        # As many clips as have frames enough to be worth a thread: a stream has a few short ones.
        in_parallel(
            work, len(starts), min_piece=MIN_DECODED_FRAMES * len(starts) // max(len(score), 1)
        )
        return path


@compiled()
def _sum_of_products(x, z):  # type: ignore[no-untyped-def]  # pragma: no cover
    # Slices of equal length, counted from zero: this is the form that LLVM turns into vectors.
    total = np.int64(0)
    for n in range(len(x)):
        total += np.int64(x[n]) * np.int64(z[n])
    return total


@compiled()
def _decimate(padded, taps, factor, out, begin, end):  # type: ignore[no-untyped-def]  # pragma: no cover
    for i in range(begin, end):
        start = i * factor
        total = _sum_of_products(padded[start : start + len(taps)], taps)
        out[i] = (total + 16384) >> 15


@compiled()
def _correlate(padded, centres, first, widths, costs, score, lag, begin, end):  # type: ignore[no-untyped-def]  # pragma: no cover
    reach = (widths[-1] + first + len(widths)) // 2
    x = np.empty(2 * reach + 1, np.int32)
    energy = np.zeros(2 * reach + 2, np.int64)
    r = np.empty(len(widths))
    q = np.empty(len(widths), np.int32)
    for frame in range(begin, end):
        around = padded[centres[frame] : centres[frame] + 2 * reach + 1]
        peak = 0
        for n in range(len(around)):
            peak = max(peak, abs(around[n]))
        shift = 0
        while peak >> shift >= 1024:
            shift += 1
        half = (1 << shift) >> 1
        for n in range(len(around)):
            x[n] = (around[n] + half) >> shift
            energy[n + 1] = energy[n] + np.int64(x[n]) * np.int64(x[n])
        for i in range(len(widths)):
            width = widths[i]
            a = reach - (width + first + i) // 2
            b = a + first + i
            e1 = float(energy[a + width] - energy[a])
            e2 = float(energy[b + width] - energy[b])
            norm = np.sqrt(e1) * np.sqrt(e2)
            r[i] = 0.0
            if norm > 0.0:
                r[i] = _sum_of_products(x[a : a + width], x[b : b + width]) / norm
            q[i] = np.int32(np.rint(4096.0 * r[i]))
        _keep_peaks(r, q, first, costs, score[frame], lag[frame])


@compiled()
def _keep_peaks(r, q, first, costs, score, lag):  # type: ignore[no-untyped-def]  # pragma: no cover
    best = len(score)
    for i in range(1, len(r) - 1):
        if q[i - 1] > q[i] or q[i] <= q[i + 1]:
            continue
        value = q[i] - costs[i]
        if value <= score[best - 1]:
            continue
        slot = best - 1
        while slot > 0 and score[slot - 1] < value:
            score[slot] = score[slot - 1]
            lag[slot] = lag[slot - 1]
            slot -= 1
        bend = r[i - 1] - 2.0 * r[i] + r[i + 1]
        top = 0.0
        if bend < 0.0:
            top = min(0.5, max(-0.5, 0.5 * (r[i - 1] - r[i + 1]) / bend))
        score[slot] = value
        lag[slot] = first + i + top


@compiled()
def _decode(score, log_lag, voiced, weights, path):  # type: ignore[no-untyped-def]  # pragma: no cover
    frames, unvoiced = score.shape
    unvoiced_score, change, slope, most = weights[0], weights[1], np.int64(weights[2]), weights[3]
    back = np.zeros((frames, unvoiced + 1), np.uint8)
    total = np.zeros(unvoiced + 1, np.int64)
    reached = np.zeros(unvoiced + 1, np.int64)
    for t in range(frames):
        for i in range(unvoiced + 1):
            chosen = 0
            top = np.int64(4 * FORBIDDEN_SCORE)
            for j in range(unvoiced + 1):
                step = np.int64(change)
                if t == 0 or i == j == unvoiced:
                    step = np.int64(0)
                elif i < unvoiced and j < unvoiced:
                    step = min(most, abs(log_lag[t, i] - log_lag[t - 1, j]) * slope >> 10)
                if total[j] - step > top:
                    top = total[j] - step
                    chosen = j
            back[t, i] = chosen
            local = np.int64(unvoiced_score)
            if i < unvoiced:
                local = np.int64(FORBIDDEN_SCORE)
                if voiced[t] and score[t, i] > NO_CANDIDATE:
                    local = np.int64(score[t, i])
            reached[i] = top + local
        most_of_all = reached.max()
        for i in range(unvoiced + 1):
            total[i] = max(reached[i] - most_of_all, FORBIDDEN_SCORE)
    state = 0
    for i in range(1, unvoiced + 1):
        if total[i] > total[state]:
            state = i
    for t in range(frames - 1, -1, -1):
        path[t] = -1 if state == unvoiced else state
        state = back[t, state]
