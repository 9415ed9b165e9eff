"""Pitch of a whole batch that lies on a device already, without a way back to the host.

The same recipe as :mod:`autovoice_core.pitch.nccf.nccf`, on rows of one length instead of clips of
any. What takes an array library many passes over the samples is asked of two more kernels.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._errors import InputError
from autovoice_core._types import MAX_SAMPLE_RATE, MIN_SAMPLE_RATE, PitchFrames
from autovoice_core.pitch.nccf.decode import decide
from autovoice_core.pitch.nccf.kernels import PitchKernels
from autovoice_core.pitch.nccf.parameters import BLOCK, FLOOR, FULL_SCALE, Tuning
from autovoice_core.pitch.nccf.preprocess import (
    LOUDEST,
    Lags,
    average_reach,
    decimation,
    low_pass,
)

CUDA = 2
"""DLPack's code of memory of an NVIDIA GPU."""


class BatchKernels(PitchKernels, Protocol):
    """What a device does fast, for :func:`detect`. All of it is exact."""

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
        """Bring rows to whole numbers at a lower rate, and take off what lies under a voice.

        Parameters
        ----------
        samples
            ``(batch, n)`` float32, cut at ``most`` and rounded at ``scale`` to full scale, or
            int16, whose full scale is the same.
        lengths
            ``(batch,)`` int64, samples of each row that count, or None: all.
        taps, factor
            As for :meth:`~autovoice_core.pitch.nccf.kernels.PitchKernels.decimate`.
        reach
            Samples of the lower rate to either side whose average is taken off, rounded down.
        row
            Samples of a row of the result, a multiple of :data:`BLOCK`; silence fills it up.

        Returns
        -------
        signal : Array
            ``(batch, row)`` int32.
        energy : Array
            ``(batch, row // BLOCK)`` int64, of each block.
        """

    def softness(self, energy: Any, near: int, gate: int, least: int) -> Any:
        """Count the powers of two by which each block lies under the loudest near it.

        Shape: ``(batch, blocks)`` int64 -> int32. Near are ``near`` blocks to either side. At
        most ``gate``, which also stands for an energy of ``least`` or less.
        """


@frozen(eq=False)
class Plan:
    """What rests on the rate and the range alone."""

    factor: int
    rate: float
    lags: Lags
    taps: NDArray[np.int32]
    average: int
    near: int
    line: int

    @classmethod
    @lru_cache(maxsize=32)
    def of(cls, sample_rate: int, fmin: float, fmax: float, tuning: Tuning) -> Plan:
        """Return the plan for a sample rate and a range in Hz."""
        factor = decimation(sample_rate)
        rate = sample_rate / factor
        return cls(
            factor,
            rate,
            Lags.within(rate, fmin, fmax, tuning),
            low_pass(sample_rate),
            average_reach(rate),
            round(tuning.gate_seconds * rate / BLOCK),
            round(tuning.line * rate),
        )

    def row(self, samples: int) -> int:
        """Return the length of a row at the lower rate: nothing looks across the silence in it."""
        count = -(-samples // self.factor) + max(self.lags.reach, self.line) + 1
        return -(-count // BLOCK) * BLOCK


def detect(
    xp: Any,
    kernels: BatchKernels,
    samples: Any,
    sample_rate: int,
    hop: int,
    *,
    fmin: float,
    fmax: float,
    lengths: Any = None,
    tuning: Tuning | None = None,
) -> PitchFrames:
    """Return the track of each row, in arrays of ``(batch, frames)``.

    Parameters
    ----------
    xp, kernels
        Array library and kernels of the device.
    samples
        ``(batch, n)`` float32 or int16 on it.
    sample_rate
        In Hz.
    hop
        Samples from frame to frame; frame ``i`` lies at sample ``i * hop``, of ``1 + n // hop``.
    fmin, fmax
        Range to look in, Hz.
    lengths
        ``(batch,)`` int64 on the device, samples of each row that count; frames behind them are
        unvoiced. Others are as if the row had been alone and so long.
    """
    tuning = tuning or Tuning()
    plan = Plan.of(sample_rate, fmin, fmax, tuning)
    batch, width = samples.shape
    frames, row = 1 + width // hop, plan.row(width)
    signal, energy = kernels.front(
        samples,
        lengths,
        plan.taps,
        plan.factor,
        plan.average,
        row,
        scale=float(FULL_SCALE),
        most=LOUDEST,
    )
    soft = kernels.softness(energy, plan.near, tuning.gate, FLOOR)
    number = xp.arange(frames, dtype=xp.int64)[None, :]
    begin = xp.arange(batch, dtype=xp.int64)[:, None]
    at, starts = begin * row + number * hop // plan.factor, begin * frames
    if lengths is not None:  # what is behind a row's end is a clip of its own, in the last silence
        counts = lengths[:, None] // hop + 1
        at = xp.where(number < counts, at, xp.full_like(at, batch * row - 1))
        starts = xp.concat([starts, starts + counts], axis=1)
    at, starts = xp.reshape(at, (-1,)), xp.reshape(starts, (-1,))
    found = plan.lags.candidates(xp, kernels, xp.reshape(signal, (-1,)), at, tuning.candidates)
    soft = xp.take(xp.reshape(soft, (-1,)), at // BLOCK)
    beside = plan.line * plan.factor // hop + 1
    track = decide(xp, kernels, found, soft, tuning, plan.rate, starts, at, beside)
    return PitchFrames(
        *(xp.reshape(part, (batch, frames)) for part in (track.f0, track.voiced, track.confidence))
    )


def cuda_device(audio: Any) -> int:
    """Return the number of the CUDA device that holds an array.

    Raises
    ------
    InputError
        It is no array, or lies elsewhere.
    """
    if not hasattr(audio, "__dlpack_device__"):
        raise InputError(
            f"audio: {type(audio).__name__} is no array with DLPack; give a CUDA tensor or array"
        )
    kind, number = audio.__dlpack_device__()
    if kind != CUDA:
        raise InputError(
            "audio: it does not lie on a CUDA device; move it there, or use SingingPitchExtractor, "
            "which takes audio from anywhere"
        )
    return int(number)


def check_batch(shape: tuple[int, ...], kind: str, sample_rate: int, hop: int) -> None:
    """Refuse what :func:`detect` can't take.

    Raises
    ------
    InputError
        The shape is not ``(batch, samples)``, the samples are neither float32 nor int16, the rate
        is out of range, or the hop is no positive number of samples.
    """
    if len(shape) != 2:
        raise InputError(
            f"audio: the shape {shape} is not (batch, samples); one voice is audio[None, :]"
        )
    if kind not in ("float32", "int16"):
        raise InputError(f"audio: dtype {kind} is neither float32 nor int16; convert it first")
    if not MIN_SAMPLE_RATE <= sample_rate <= MAX_SAMPLE_RATE:
        raise InputError(
            f"sample_rate: {sample_rate} Hz is outside {MIN_SAMPLE_RATE} to {MAX_SAMPLE_RATE} Hz; "
            "resample the audio first"
        )
    if hop < 1:
        raise InputError(f"hop_length: {hop} is not a positive number of samples; 512 is usual")


def check_lengths(lengths: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Return lengths from the host as int64, refusing what are no lengths of the rows.

    Raises
    ------
    InputError
        There is not one whole number within the samples for each row.
    """
    batch, width = shape
    if (
        lengths.shape != (batch,)
        or (batch and lengths.dtype.kind not in "iu")
        or np.any((lengths < 0) | (lengths > width))
    ):
        raise InputError(
            f"lengths: not {batch} whole numbers from 0 to {width}; give one for each row of audio"
        )
    return lengths.astype(np.int64)
