"""The kernels of ``cuda/nccf`` as CUDA C++, whose sources lie in this folder."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autovoice_core import InputError
from autovoice_core.pitch.nccf.parameters import (
    ENERGY_BLOCK,
    FORBIDDEN_SCORE,
    NO_CANDIDATE,
    PERFECT_SCORE,
    TrackerParameters,
)
from autovoice_core.pitch.nccf.smoothing import MAX_NEIGHBOURS, TIME_STEPS
from autovoice_cuda.kernels.correlate_block import THREADS, CorrelateBlock
from autovoice_cuda.kernels.machine import NULL, Machine

DECIMATE_THREADS = 256
"""Threads of a block that decimates, one a sample of the lower rate."""
HIGH_PASS_RUNS = 4
"""Runs of :data:`ENERGY_BLOCK` samples that a block high-passes."""
SPAN = 64
"""Frames of a path that are decoded as one piece."""
SMOOTHING_THREADS = 128
"""Threads of a block that smooths, one a frame."""
MAX_CANDIDATES = 31
"""Candidates of a frame at most: each is a lane of a warp, and one lane is unvoiced."""


SCORES = (
    f"NO_CANDIDATE={NO_CANDIDATE}",
    f"PERFECT_SCORE={PERFECT_SCORE}",
    f"FORBIDDEN_SCORE=({FORBIDDEN_SCORE})",
)
"""Macros that every source is compiled with."""


class CudaPitchKernels:
    """:class:`~autovoice_core.pitch.nccf.kernels.BatchKernels` as CUDA C++."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._xp = machine.xp

    def decimate(self, samples: Any, taps: Any, factor: int) -> Any:
        """Return the signal filtered in integers, every ``factor``-th sample of it."""
        count = -(-samples.shape[0] // factor)
        low = self._xp.empty(count, dtype=self._xp.int32)
        self._decimate("decimate", samples, (), taps, factor, low, 1, count)
        return low

    def preprocess(
        self,
        samples: Any,
        lengths: Any,
        taps: Any,
        factor: int,
        reach: int,
        row_length: int,
        *,
        scale: float,
        clip_level: float,
    ) -> tuple[Any, Any]:
        """Return rows as integers, decimated and high-passed, and the energies of their blocks."""
        xp, (batch, width) = self._xp, samples.shape
        low = xp.empty((batch, row_length), dtype=xp.int32)
        ends = NULL if lengths is None else lengths
        kernel = "decimate_short" if samples.dtype == xp.int16 else "decimate_float"
        whole = (ends, np.float32(scale), np.float32(clip_level))
        self._decimate(kernel, samples, whole, taps, factor, low, batch, row_length)
        signal = xp.empty((batch, row_length), dtype=xp.int32)
        energy = xp.empty((batch, row_length // ENERGY_BLOCK), dtype=xp.int64)
        if batch:
            self._machine.launch(
                "preprocess.cu",
                "high_pass",
                (),
                (-(-row_length // (ENERGY_BLOCK * HIGH_PASS_RUNS)), batch),
                ENERGY_BLOCK,
                8 * (32 + ENERGY_BLOCK * HIGH_PASS_RUNS + 2 * reach + 1),
                *(low, np.int64(row_length), np.int64(width), ends, np.int32(factor)),
                *(np.int32(reach), np.int32(HIGH_PASS_RUNS), signal, energy),
            )
        return signal, energy

    def attenuation(self, energy: Any, reach: int, gate: int, min_energy: int) -> Any:
        """Return how many halvings of energy each block lies below the loudest nearby."""
        batch, count = energy.shape
        result = self._xp.empty((batch, count), dtype=self._xp.int32)
        if result.size:
            self._machine.launch(
                "preprocess.cu",
                "attenuation",
                (),
                (-(-count // 128), batch),
                128,
                0,
                *(energy, np.int32(count), np.int32(reach), np.int32(gate)),
                *(np.int64(min_energy), result),
            )
        return result

    def correlate(
        self, signal: Any, centres: Any, first: int, widths: Any, costs: Any, candidates: int
    ) -> tuple[Any, Any]:
        """Return the lags at which the normalised cross-correlation around each centre peaks."""
        xp, lags, frames = self._xp, widths.shape[0], centres.shape[0]
        score = xp.empty((frames, candidates), dtype=xp.int32)
        lag = xp.empty((frames, candidates), dtype=xp.float64)
        block = CorrelateBlock.choose(self._machine, frames, first, lags, int(widths[-1]))
        if frames:
            self._machine.launch(
                "correlate.cu",
                "correlate",
                (f"FRAMES={block.frames}", f"SUM={block.sum_type}", *SCORES),
                (-(-frames // block.frames), 1),
                THREADS,
                block.shared_bytes,
                *(signal, np.int64(signal.shape[0]), centres, np.int64(frames), np.int32(first)),
                *(xp.asarray(widths), xp.asarray(costs), np.int32(lags), np.int32(candidates)),
                *(score, lag),
            )
        return score, lag

    def decode(self, score: Any, log_lag: Any, voiced: Any, weights: Any, starts: Any) -> Any:
        """Return each clip's path of greatest score through its candidates (Viterbi 1967)."""
        xp, (frames, candidates), clips = self._xp, score.shape, starts.shape[0]
        path = xp.empty(frames, dtype=xp.int32)
        if not frames:
            return path
        if candidates > MAX_CANDIDATES:
            raise InputError(
                f"candidates: {candidates} of a frame are more than the {MAX_CANDIDATES} that this "
                "kernel decodes; keep fewer"
            )
        spans, states = -(-frames // SPAN), candidates + 1
        matrices = xp.empty((spans, states, states), dtype=xp.int32)
        offsets = xp.empty((spans, states), dtype=xp.int64)
        entered = xp.empty((spans, states), dtype=xp.int32)
        back = xp.empty((frames, states), dtype=xp.uint8)
        across = xp.empty((spans, states), dtype=xp.uint8)
        left = xp.empty(spans, dtype=xp.uint8)
        final = xp.empty(1, dtype=xp.uint8)
        trellis = (score, log_lag, voiced, weights)
        ends = (starts, np.int32(clips), np.int64(frames), np.int32(candidates))

        def step(kernel: str, blocks: int, threads: int, shared: int, *arguments: Any) -> None:
            macros = (f"SPAN={SPAN}", *SCORES)
            grid = (blocks, 1)
            self._machine.launch("decode.cu", kernel, macros, grid, threads, shared, *arguments)

        of_steps = 2 * states * 32 * 4
        step("products", spans, 32 * states, of_steps, *trellis, *ends, matrices, offsets)
        step("entries", -(-clips // 4), 128, 0, matrices, offsets, *ends, entered)
        step("forward", spans, 32, 32 * SPAN, *trellis, *ends, entered, back, across, final)
        step("exits", -(-clips // 64), 64, 0, across, final, *ends, left)
        step("trace", spans, 32, SPAN * states, back, left, *ends[2:], path)
        return path

    def reinforce(
        self,
        score: Any,
        log_lag: Any,
        positions: Any,
        parameters: TrackerParameters,
        rate: float,
    ) -> Any:
        """Return the score of each frame, raised where an adjacent one has more."""
        frames = positions.shape[0]
        reinforced = self._xp.empty(frames, dtype=self._xp.int32)
        limits = (parameters.support_distance, parameters.support_cost, parameters.support_gain)
        span = np.int64(math.ceil(parameters.regression_seconds * rate))
        self._smooth(
            *("reinforce", frames, score, log_lag, positions, np.int32(frames), span),
            *(*map(np.int32, limits), reinforced),
        )
        return reinforced

    def regression_shift(
        self,
        score: Any,
        log_lag: Any,
        voiced: Any,
        positions: Any,
        parameters: TrackerParameters,
        rate: float,
        neighbours: int,
    ) -> Any:
        """Return how far each frame is to be moved onto its local regression."""
        frames = positions.shape[0]
        shifts = self._xp.empty(frames, dtype=self._xp.float64)
        self._smooth(
            *("regression_shift", frames, score, log_lag, voiced, positions, np.int32(frames)),
            np.int64(round(parameters.regression_seconds * rate)),
            np.int32(min(neighbours, MAX_NEIGHBOURS)),
            np.int64(parameters.regression_tolerance),
            np.int64(parameters.regression_rise),
            shifts,
        )
        return shifts

    def _smooth(self, kernel: str, frames: int, *arguments: Any) -> None:
        macros = (f"TIME_STEPS={TIME_STEPS}", *SCORES)
        if frames:
            grid = (-(-frames // SMOOTHING_THREADS), 1)
            self._machine.launch(
                "smoothing.cu", kernel, macros, grid, SMOOTHING_THREADS, 0, *arguments
            )

    def _decimate(
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
            (-(-row // DECIMATE_THREADS), batch),
            DECIMATE_THREADS,
            4 * (DECIMATE_THREADS * factor + count + count // 2 + 1),
            *(samples, np.int64(samples.shape[-1]), *whole, self._xp.asarray(taps)),
            *(np.int32(count), np.int32(factor), low, np.int64(row)),
        )
