"""The kernels of ``triton/nccf``: Triton on torch tensors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
import triton

from autovoice_core.pitch.nccf.parameters import (
    ENERGY_BLOCK,
    FORBIDDEN_SCORE,
    NO_CANDIDATE,
    PERFECT_SCORE,
    TrackerParameters,
)
from autovoice_core.pitch.nccf.smoothing import MAX_NEIGHBOURS, TIME_STEPS
from autovoice_triton.kernels import correlate as correlation
from autovoice_triton.kernels import decode as decoding
from autovoice_triton.kernels import preprocess as preprocessing
from autovoice_triton.kernels import smoothing

DECIMATE_BLOCK = 256
"""Samples of the lower rate that a program makes."""
ATTENUATION_BLOCK = 128
"""Blocks of energy that a program compares."""
SMOOTHING_BLOCK = 128
"""Frames that a program smooths."""
CORRELATE_LAGS, CORRELATE_SAMPLES = 32, 64
"""Lags, and samples at a time, of a program that correlates."""
FRAMES_PER_LAUNCH = 8192
"""Frames that are correlated by one launch; more would only take memory."""


class TritonPitchKernels:
    """:class:`~autovoice_core.pitch.nccf.kernels.BatchKernels` in Triton.

    Parameters
    ----------
    xp
        Array namespace of torch that makes its tensors on the device.
    span
        Frames of a path that are decoded as one piece.
    """

    def __init__(self, xp: Any, *, span: int = 64) -> None:
        self._xp, self._span = xp, span

    def decimate(self, samples: Any, taps: Any, factor: int) -> Any:
        """Return the signal filtered in integers, every ``factor``-th sample of it."""
        count = -(-samples.shape[0] // factor)
        return self._decimate(samples[None, :], None, taps, factor, count, 1, 0.0)[0]

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
        if samples.dtype == torch.int16:
            scale /= 32768
        low = self._decimate(samples, lengths, taps, factor, row_length, scale, clip_level)
        signal = xp.empty((batch, row_length), dtype=xp.int32)
        energy = xp.empty((batch, row_length // ENERGY_BLOCK), dtype=xp.int64)
        if batch:
            cut = lengths is not None
            preprocessing.high_pass[row_length // ENERGY_BLOCK, batch](
                *(low, row_length, width, lengths if cut else low, factor, reach, signal, energy),
                CUT=cut,
                AVERAGE=triton.next_power_of_2(2 * reach + 1),
                BLOCK=ENERGY_BLOCK,
            )
        return signal, energy

    def attenuation(self, energy: Any, reach: int, gate: int, min_energy: int) -> Any:
        """Return how many halvings of energy each block lies below the loudest nearby."""
        batch, count = energy.shape
        result = self._xp.empty((batch, count), dtype=self._xp.int32)
        if batch and count:
            preprocessing.attenuation[triton.cdiv(count, ATTENUATION_BLOCK), batch](
                energy, count, reach, gate, min_energy, result, BLOCK=ATTENUATION_BLOCK
            )
        return result

    def correlate(
        self, signal: Any, centres: Any, first: int, widths: Any, costs: Any, candidates: int
    ) -> tuple[Any, Any]:
        """Return the lags at which the normalised cross-correlation around each centre peaks."""
        xp, lags, frames = self._xp, widths.shape[0], centres.shape[0]
        score = xp.empty((frames, candidates), dtype=xp.int32)
        lag = xp.empty((frames, candidates), dtype=xp.float64)
        reach = (int(widths[-1]) + first + lags) // 2
        size = triton.next_power_of_2(2 * reach + 2)
        together = min(frames, FRAMES_PER_LAUNCH)
        x = xp.empty((together, size), dtype=xp.int16)
        known = xp.empty((together, size), dtype=xp.int64)
        r = xp.empty((together, lags), dtype=xp.float64)
        widths, costs = xp.asarray(widths), xp.asarray(costs)
        for begin in range(0, frames, FRAMES_PER_LAUNCH):
            here = slice(begin, min(begin + FRAMES_PER_LAUNCH, frames))
            count = here.stop - begin
            correlation.load_frame[(count,)](
                signal, signal.shape[0], centres[here], reach, x, known, SIZE=size
            )
            correlation.correlate[count, triton.cdiv(lags, CORRELATE_LAGS)](
                *(x, known, first, widths, lags, reach, r),
                SIZE=size,
                GROUP=CORRELATE_LAGS,
                TIME=CORRELATE_SAMPLES,
            )
            correlation.keep_peaks[(count,)](
                *(r, first, costs, lags, candidates, score[here], lag[here]),
                LAGS=triton.next_power_of_2(lags),
                PERFECT_SCORE=PERFECT_SCORE,
                NO_CANDIDATE=NO_CANDIDATE,
            )
        return score, lag

    def decode(self, score: Any, log_lag: Any, voiced: Any, weights: Any, starts: Any) -> Any:
        """Return each clip's path of greatest score through its candidates (Viterbi 1967)."""
        xp, (frames, candidates), clips = self._xp, score.shape, starts.shape[0]
        path = xp.empty((frames,), dtype=xp.int32)
        if not frames:
            return path
        spans, states = triton.cdiv(frames, self._span), triton.next_power_of_2(candidates + 1)
        end = xp.full((1,), frames, dtype=xp.int64)
        edges = xp.concat([starts, end])
        begins = xp.zeros((frames + 1,), dtype=xp.uint8)
        begins.index_fill_(0, starts, 1)
        matrices = xp.empty((spans, states, states), dtype=xp.int32)
        offsets = xp.empty((spans, states), dtype=xp.int64)
        entered = xp.zeros((spans + 1, states), dtype=xp.int32)
        back = xp.empty((frames, states), dtype=xp.uint8)
        across = xp.empty((spans, states), dtype=xp.uint8)
        final, left = xp.empty((1,), dtype=xp.uint8), xp.empty((spans,), dtype=xp.uint8)
        trellis = (score, log_lag, voiced, weights, begins, frames, candidates)
        size: dict[str, Any] = {"SPAN": self._span, "STATES": states, "num_warps": 1}
        marks = {"NO_CANDIDATE": NO_CANDIDATE, "FORBIDDEN_SCORE": FORBIDDEN_SCORE}
        decoding.products[spans, candidates + 1](*trellis, matrices, offsets, **size, **marks)
        decoding.entries[(clips,)](
            *(matrices, offsets, edges, candidates, entered),
            FORBIDDEN_SCORE=FORBIDDEN_SCORE,
            **size,
        )
        decoding.forward[(spans,)](*trellis, entered, back, across, final, **size, **marks)
        decoding.exits[(clips,)](across, final, edges, frames, left, **size)
        decoding.trace[(spans,)](back, left, frames, candidates, path, **size)
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
        reinforced = self._xp.empty((frames,), dtype=self._xp.int32)
        if frames:
            smoothing.reinforce[(triton.cdiv(frames, SMOOTHING_BLOCK),)](
                *(score, log_lag, positions, frames),
                math.ceil(parameters.regression_seconds * rate),
                *(parameters.support_distance, parameters.support_cost, parameters.support_gain),
                reinforced,
                NO_CANDIDATE=NO_CANDIDATE,
                BLOCK=SMOOTHING_BLOCK,
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
        shifts = self._xp.empty((frames,), dtype=self._xp.float64)
        if frames:
            smoothing.regression_shift[(triton.cdiv(frames, SMOOTHING_BLOCK),)](
                *(score, log_lag, voiced, positions, frames),
                *(round(parameters.regression_seconds * rate), min(neighbours, MAX_NEIGHBOURS)),
                *(parameters.regression_tolerance, parameters.regression_rise, shifts),
                PERFECT_SCORE=PERFECT_SCORE,
                TIME_STEPS=TIME_STEPS,
                BLOCK=SMOOTHING_BLOCK,
            )
        return shifts

    def _decimate(
        self,
        samples: Any,
        lengths: Any,
        taps: Any,
        factor: int,
        row: int,
        scale: float,
        clip_level: float,
    ) -> Any:
        xp, (batch, width) = self._xp, samples.shape
        low = xp.empty((batch, row), dtype=xp.int32)
        floating = samples.dtype.is_floating_point
        cut = lengths is not None
        taps = xp.asarray(np.asarray(taps)) if isinstance(taps, np.ndarray) else taps
        if batch and row:
            preprocessing.decimate[triton.cdiv(row, DECIMATE_BLOCK), batch](
                *(samples, width, lengths if cut else low, scale if floating else int(scale)),
                *(clip_level, taps, taps.shape[0], factor, low, row),
                CUT=cut,
                FLOATING=floating,
                BLOCK=DECIMATE_BLOCK,
            )
        return low
