"""The kernels of pitch tracking in Triton, on torch tensors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
import triton

from autovoice_core.pitch.nccf.neighbours import FINEST, MOST
from autovoice_core.pitch.nccf.parameters import BLOCK, IMPOSSIBLE, NOTHING, ONE, Tuning
from autovoice_triton.kernels import correlate as correlation
from autovoice_triton.kernels import decode as decoding
from autovoice_triton.kernels import preprocess as fronting
from autovoice_triton.kernels import smoothing as lining

LOWERED = 256
"""Samples of the lower rate that a program makes."""
LINED = 128
"""Frames of a program that asks their neighbours."""
GROUP, TIME = 32, 64
"""Lags, and samples at a time, of a program that correlates."""
TOGETHER = 8192
"""Frames that are correlated by one launch; more would only take memory."""


class TritonPitchKernels:
    """:class:`~autovoice_core.pitch.nccf.batch.BatchKernels` in Triton.

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
        """Filter in integers and keep every ``factor``-th sample."""
        count = -(-samples.shape[0] // factor)
        return self._lower(samples[None, :], None, taps, factor, count, 1, 0.0)[0]

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
        if samples.dtype == torch.int16:
            scale /= 32768
        low = self._lower(samples, lengths, taps, factor, row, scale, most)
        signal = xp.empty((batch, row), dtype=xp.int32)
        energy = xp.empty((batch, row // BLOCK), dtype=xp.int64)
        if batch:
            cut = lengths is not None
            fronting.level[row // BLOCK, batch](
                *(low, row, width, lengths if cut else low, factor, reach, signal, energy),
                CUT=cut,
                AVERAGE=triton.next_power_of_2(2 * reach + 1),
                BLOCK=BLOCK,
            )
        return signal, energy

    def softness(self, energy: Any, near: int, gate: int, least: int) -> Any:
        """Return how many powers of two each run lies under the loudest near it."""
        batch, count = energy.shape
        soft = self._xp.empty((batch, count), dtype=self._xp.int32)
        if batch and count:
            fronting.softness[triton.cdiv(count, 128), batch](
                energy, count, near, gate, least, soft, BLOCK=128
            )
        return soft

    def correlate(
        self, signal: Any, centres: Any, first: int, widths: Any, costs: Any, best: int
    ) -> tuple[Any, Any]:
        """Find the lags at which the signal around each centre looks like itself."""
        xp, lags, frames = self._xp, widths.shape[0], centres.shape[0]
        score = xp.empty((frames, best), dtype=xp.int32)
        lag = xp.empty((frames, best), dtype=xp.float64)
        reach = (int(widths[-1]) + first + lags) // 2
        size = triton.next_power_of_2(2 * reach + 2)
        together = min(frames, TOGETHER)
        x = xp.empty((together, size), dtype=xp.int16)
        known = xp.empty((together, size), dtype=xp.int64)
        r = xp.empty((together, lags), dtype=xp.float64)
        widths, costs = xp.asarray(widths), xp.asarray(costs)
        for begin in range(0, frames, TOGETHER):
            here = slice(begin, min(begin + TOGETHER, frames))
            count = here.stop - begin
            correlation.bring[(count,)](
                signal, signal.shape[0], centres[here], reach, x, known, SIZE=size
            )
            correlation.correlate[count, triton.cdiv(lags, GROUP)](
                *(x, known, first, widths, lags, reach, r),
                SIZE=size,
                GROUP=GROUP,
                TIME=TIME,
            )
            correlation.keep_peaks[(count,)](
                *(r, first, costs, lags, best, score[here], lag[here]),
                LAGS=triton.next_power_of_2(lags),
                ONE=ONE,
                NOTHING=NOTHING,
            )
        return score, lag

    def decode(self, score: Any, place: Any, voiced: Any, weights: Any, starts: Any) -> Any:
        """Find each clip's path of greatest score through its candidates (Viterbi 1967)."""
        xp, (frames, best), clips = self._xp, score.shape, starts.shape[0]
        path = xp.empty((frames,), dtype=xp.int32)
        if not frames:
            return path
        spans, states = triton.cdiv(frames, self._span), triton.next_power_of_2(best + 1)
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
        trellis = (score, place, voiced, weights, begins, frames, best)
        size: dict[str, Any] = {"SPAN": self._span, "STATES": states, "num_warps": 1}
        marks = {"NOTHING": NOTHING, "IMPOSSIBLE": IMPOSSIBLE}
        decoding.products[spans, best + 1](*trellis, matrices, offsets, **size, **marks)
        decoding.entries[(clips,)](
            *(matrices, offsets, edges, best, entered), IMPOSSIBLE=IMPOSSIBLE, **size
        )
        decoding.forward[(spans,)](*trellis, entered, back, across, final, **size, **marks)
        decoding.exits[(clips,)](across, final, edges, frames, left, **size)
        decoding.trace[(spans,)](back, left, frames, best, path, **size)
        return path

    def helped(self, evidence: Any, place: Any, at: Any, tuning: Tuning, rate: float) -> Any:
        """Return the evidence of each frame, more where a surer one is next to it."""
        frames = at.shape[0]
        better = self._xp.empty((frames,), dtype=self._xp.int32)
        if frames:
            lining.helped[(triton.cdiv(frames, LINED),)](
                *(evidence, place, at, frames, math.ceil(tuning.line * rate)),
                *(tuning.beside_rise, tuning.beside_cost, tuning.beside, better),
                NOTHING=NOTHING,
                BLOCK=LINED,
            )
        return better

    def off_line(
        self, score: Any, place: Any, sung: Any, at: Any, tuning: Tuning, rate: float, near: int
    ) -> Any:
        """Return how far each frame is to be moved onto the line through its neighbours."""
        frames = at.shape[0]
        moves = self._xp.empty((frames,), dtype=self._xp.float64)
        if frames:
            lining.off_line[(triton.cdiv(frames, LINED),)](
                *(score, place, sung, at, frames, round(tuning.line * rate), min(near, MOST)),
                *(tuning.off_line, tuning.line_rise, moves),
                ONE=ONE,
                FINEST=FINEST,
                BLOCK=LINED,
            )
        return moves

    def _lower(
        self,
        samples: Any,
        lengths: Any,
        taps: Any,
        factor: int,
        row: int,
        scale: float,
        most: float,
    ) -> Any:
        xp, (batch, width) = self._xp, samples.shape
        low = xp.empty((batch, row), dtype=xp.int32)
        floating = samples.dtype.is_floating_point
        cut = lengths is not None
        taps = xp.asarray(np.asarray(taps)) if isinstance(taps, np.ndarray) else taps
        if batch and row:
            fronting.lower[triton.cdiv(row, LOWERED), batch](
                *(samples, width, lengths if cut else low),
                *(scale if floating else int(scale), most, taps, taps.shape[0], factor, low, row),
                CUT=cut,
                FLOATING=floating,
                BLOCK=LOWERED,
            )
        return low
