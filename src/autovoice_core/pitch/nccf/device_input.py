"""Checks of a batch on a CUDA device: the device that holds it, its shape and its lengths."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core._errors import InputError
from autovoice_core._types import MAX_SAMPLE_RATE, MIN_SAMPLE_RATE

CUDA = 2
"""DLPack's code of memory of an NVIDIA GPU."""


def cuda_device(audio: Any) -> int:
    """Return the number of the CUDA device that holds an array.

    Raises
    ------
    InputError
        It is not an array, or is elsewhere.
    """
    if not hasattr(audio, "__dlpack_device__"):
        raise InputError(
            f"audio: {type(audio).__name__} does not support DLPack; give a CUDA tensor or array"
        )
    kind, number = audio.__dlpack_device__()
    if kind != CUDA:
        raise InputError(
            "audio: it is not on a CUDA device; move it there, or use SingingPitchExtractor, "
            "which takes audio from anywhere"
        )
    return int(number)


def check_batch(shape: tuple[int, ...], kind: str, sample_rate: int, hop: int) -> None:
    """Refuse what :func:`~autovoice_core.pitch.nccf.batch.track_batch` can't take.

    Raises
    ------
    InputError
        The shape is not ``(batch, samples)``, the samples are neither float32 nor int16, the rate
        is out of range, or the hop is not a positive number of samples.
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
    """Return lengths from the host as int64, for rows of a batch of ``shape``.

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
