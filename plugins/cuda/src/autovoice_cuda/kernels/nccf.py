"""The kernels of pitch tracking on an NVIDIA GPU; the CUDA C++ lies beside this file."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autovoice_core import InputError
from autovoice_core.pitch.nccf.neighbours import FINEST, MOST
from autovoice_core.pitch.nccf.parameters import BLOCK, IMPOSSIBLE, NOTHING, ONE, Tuning
from autovoice_cuda.kernels.machine import NULL, Machine

LOWERED = 256
"""Samples of the lower rate that a block makes."""
RUNS = 4
"""Runs of :data:`BLOCK` samples that a block takes the average off."""
CORRELATING = 256
"""Threads of a block that correlates; its frames are the first of these that fit and suffice."""
FRAMES = (16, 8, 4)
SPAN = 64
"""Frames of a path that are decoded as one piece."""
LINED = 128
"""Frames of a block that asks their neighbours."""
MOST_CANDIDATES = 31
"""A lane of a warp is a candidate, and one is no voice."""


class CudaPitchKernels:
    """:class:`~autovoice_core.pitch.nccf.batch.BatchKernels` as CUDA C++."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._xp = machine.xp

    def decimate(self, samples: Any, taps: Any, factor: int) -> Any:
        """Filter in integers and keep every ``factor``-th sample."""
        count = -(-samples.shape[0] // factor)
        low = self._xp.empty(count, dtype=self._xp.int32)
        self._lower("decimate", samples, (), taps, factor, low, 1, count)
        return low

    def front(
        self,
        samples: Any,
        lengths: Any,
        taps: Any,
        factor: int,
        reach: int,
        row: int,
        *,
        scale: float,
        most: float,
    ) -> tuple[Any, Any]:
        """Return rows at the lower rate without what lies under a voice, and their energies."""
        xp, (batch, width) = self._xp, samples.shape
        low = xp.empty((batch, row), dtype=xp.int32)
        ends = NULL if lengths is None else lengths
        kernel = "lower_short" if samples.dtype == xp.int16 else "lower_float"
        whole = (ends, np.float32(scale), np.float32(most))
        self._lower(kernel, samples, whole, taps, factor, low, batch, row)
        signal = xp.empty((batch, row), dtype=xp.int32)
        energy = xp.empty((batch, row // BLOCK), dtype=xp.int64)
        if batch:
            self._machine.launch(
                "preprocess.cu",
                "level",
                (),
                (-(-row // (BLOCK * RUNS)), batch),
                BLOCK,
                8 * (32 + BLOCK * RUNS + 2 * reach + 1),
                *(low, np.int64(row), np.int64(width), ends, np.int32(factor)),
                *(np.int32(reach), np.int32(RUNS), signal, energy),
            )
        return signal, energy

    def softness(self, energy: Any, near: int, gate: int, least: int) -> Any:
        """Return how many powers of two each run lies under the loudest near it."""
        batch, count = energy.shape
        soft = self._xp.empty((batch, count), dtype=self._xp.int32)
        if soft.size:
            self._machine.launch(
                "preprocess.cu",
                "softness",
                (),
                (-(-count // 128), batch),
                128,
                0,
                *(energy, np.int32(count), np.int32(near), np.int32(gate), np.int64(least), soft),
            )
        return soft

    def correlate(
        self, signal: Any, centres: Any, first: int, widths: Any, costs: Any, best: int
    ) -> tuple[Any, Any]:
        """Find the lags at which the signal around each centre looks like itself."""
        xp, lags, frames = self._xp, widths.shape[0], centres.shape[0]
        score = xp.empty((frames, best), dtype=xp.int32)
        lag = xp.empty((frames, best), dtype=xp.float64)
        widest = int(widths[-1])
        sums = "int" if widest < 1 << 11 else "wide"
        reach = (widest + first + lags) // 2
        sizes = {n: _arena(n, reach, lags, sums) for n in FRAMES}
        fitting = [n for n in FRAMES if sizes[n] <= self._machine.shared]
        if not fitting:
            raise InputError(
                f"fmin: lags of {first + lags} samples need {sizes[FRAMES[-1]]} bytes of shared "
                f"memory, and this device has {self._machine.shared}; raise fmin"
            )
        busy = [n for n in fitting if -(-frames // n) >= 2 * self._machine.processors]
        together = busy[0] if busy else fitting[-1]
        if frames:
            self._machine.launch(
                "correlate.cu",
                "correlate",
                (f"FRAMES={together}", f"SUM={sums}", f"NOTHING={NOTHING}", f"ONE={ONE}"),
                (-(-frames // together), 1),
                CORRELATING,
                sizes[together],
                *(signal, np.int64(signal.shape[0]), centres, np.int64(frames), np.int32(first)),
                *(xp.asarray(widths), xp.asarray(costs), np.int32(lags), np.int32(best)),
                *(score, lag),
            )
        return score, lag

    def decode(self, score: Any, place: Any, voiced: Any, weights: Any, starts: Any) -> Any:
        """Find each clip's path of greatest score through its candidates (Viterbi 1967)."""
        xp, (frames, best), clips = self._xp, score.shape, starts.shape[0]
        path = xp.empty(frames, dtype=xp.int32)
        if not frames:
            return path
        if best > MOST_CANDIDATES:
            raise InputError(
                f"candidates: {best} of a frame are more than the {MOST_CANDIDATES} that this "
                "kernel decodes; keep fewer"
            )
        spans, states = -(-frames // SPAN), best + 1
        matrices = xp.empty((spans, states, states), dtype=xp.int32)
        offsets = xp.empty((spans, states), dtype=xp.int64)
        entered = xp.empty((spans, states), dtype=xp.int32)
        back = xp.empty((frames, states), dtype=xp.uint8)
        across = xp.empty((spans, states), dtype=xp.uint8)
        left = xp.empty(spans, dtype=xp.uint8)
        final = xp.empty(1, dtype=xp.uint8)
        candidates = (score, place, voiced, weights)
        ends = (starts, np.int32(clips), np.int64(frames), np.int32(best))

        def step(kernel: str, blocks: int, threads: int, shared: int, *arguments: Any) -> None:
            macros = (f"SPAN={SPAN}", f"NOTHING={NOTHING}", f"IMPOSSIBLE=({IMPOSSIBLE})")
            grid = (blocks, 1)
            self._machine.launch("decode.cu", kernel, macros, grid, threads, shared, *arguments)

        of_steps = 2 * states * 32 * 4
        step("products", spans, 32 * states, of_steps, *candidates, *ends, matrices, offsets)
        step("entries", -(-clips // 4), 128, 0, matrices, offsets, *ends, entered)
        step("forward", spans, 32, 32 * SPAN, *candidates, *ends, entered, back, across, final)
        step("exits", -(-clips // 64), 64, 0, across, final, *ends, left)
        step("trace", spans, 32, SPAN * states, back, left, *ends[2:], path)
        return path

    def helped(self, evidence: Any, place: Any, at: Any, tuning: Tuning, rate: float) -> Any:
        """Return the evidence of each frame, more where a surer one is next to it."""
        frames = at.shape[0]
        better = self._xp.empty(frames, dtype=self._xp.int32)
        limits = (tuning.beside_rise, tuning.beside_cost, tuning.beside)
        self._line(
            *("helped", frames, evidence, place, at, np.int32(frames)),
            *(np.int64(math.ceil(tuning.line * rate)), *map(np.int32, limits), better),
        )
        return better

    def off_line(
        self, score: Any, place: Any, sung: Any, at: Any, tuning: Tuning, rate: float, near: int
    ) -> Any:
        """Return how far each frame is to be moved onto the line through its neighbours."""
        frames = at.shape[0]
        moves = self._xp.empty(frames, dtype=self._xp.float64)
        self._line(
            *("off_line", frames, score, place, sung, at, np.int32(frames)),
            *(np.int64(round(tuning.line * rate)), np.int32(min(near, MOST))),
            *(np.int64(tuning.off_line), np.int64(tuning.line_rise), moves),
        )
        return moves

    def _line(self, kernel: str, frames: int, *arguments: Any) -> None:
        macros = (f"NOTHING={NOTHING}", f"ONE={ONE}", f"FINEST={FINEST}")
        if frames:
            grid = (-(-frames // LINED), 1)
            self._machine.launch("smoothing.cu", kernel, macros, grid, LINED, 0, *arguments)

    def _lower(
        self,
        kernel: str,
        samples: Any,
        whole: tuple[Any, ...],
        taps: Any,
        factor: int,
        low: Any,
        batch: int,
        row: int,
    ) -> None:
        if not low.size:
            return
        count = taps.shape[0]
        self._machine.launch(
            "preprocess.cu",
            kernel,
            (),
            (-(-row // LOWERED), batch),
            LOWERED,
            4 * (LOWERED * factor + count + count // 2 + 1),
            *(samples, np.int64(samples.shape[-1]), *whole, self._xp.asarray(taps)),
            *(np.int32(count), np.int32(factor), low, np.int64(row)),
        )


def _arena(frames: int, reach: int, lags: int, sums: str) -> int:
    """Return the bytes that ``Arena`` in ``correlate.cu`` lays out."""
    size, warps = 2 * reach + 1, CORRELATING // 32
    row = 2 * (((size + 8) // 2 + 1) | 1)
    knots = (size // 8 + 1) | 1
    peaks = lags // 2 + 1
    lags = lags | 1
    x = (4 if sums == "int" else 8) * lags * frames
    x += x % 8
    per_frame = 2 * row + 4 * knots + 2 * lags
    return x + frames * per_frame + warps * (4 + 2) * peaks + 4
