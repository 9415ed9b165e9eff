"""Pitch detection on a batch that is on the GPU already, an array of any library."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autovoice_core import SingingPitchExtractor
from autovoice_core.pitch.nccf.batch import track_batch
from autovoice_core.pitch.nccf.device_input import CUDA, check_batch, check_lengths, cuda_device
from autovoice_cuda.device import ForeignStream, machine
from autovoice_cuda.kernels.nccf import CudaPitchKernels


def launch_pitch_detection(
    audio: Any,
    sample_rate: int,
    hop_length: int = 512,
    fmin: float = 50.0,
    fmax: float = 1100.0,
    *,
    lengths: Any = None,
    return_confidence: bool = False,
) -> Any:
    """Return the pitch of every row of ``audio``, on its device and stream.

    Nothing is copied to the host and nothing waits: the result can be used at once. It equals that
    of ``cuda/nccf`` and ``cpu/nccf`` for each row.

    Parameters
    ----------
    audio
        ``(batch, samples)`` float32, full scale at ±1, or int16; a CUDA array of torch, CuPy or
        any library with DLPack. Read only.
    sample_rate
        In Hz.
    hop_length
        Samples from frame to frame; frame ``i`` lies at sample ``i * hop_length``.
    fmin, fmax
        Range to look in, Hz; within 30 to 2000.
    lengths
        ``(batch,)`` samples of each row that count, on the host or the device; by default all.
    return_confidence
        Return the confidence too.

    Returns
    -------
    pitch : Array
        ``(batch, 1 + samples // hop_length)`` float64, Hz; 0 where unvoiced. A tensor of torch
        where ``audio`` is one, else an array of CuPy.
    confidence : Array
        The same shape, float32, 0 to 1; only if requested.

    Raises
    ------
    InputError
        The audio is not such an array on a CUDA device, or rate, hop, range or lengths are invalid.
    """
    number = cuda_device(audio)
    import cupy

    torch = sys.modules.get("torch") if type(audio).__module__.startswith("torch") else None
    with cupy.cuda.Device(number), _stream_of(torch, number):
        samples = cupy.from_dlpack(audio.detach() if torch else audio)
        check_batch(samples.shape, str(samples.dtype), sample_rate, hop_length)
        SingingPitchExtractor(fmin, fmax)  # refuses an invalid range
        gpu = machine(number)
        if lengths is not None:
            lengths = _lengths(gpu.xp, lengths, samples.shape)
        track = track_batch(
            gpu.xp,
            CudaPitchKernels(gpu),
            cupy.ascontiguousarray(samples),
            sample_rate,
            hop_length,
            fmin=fmin,
            fmax=fmax,
            lengths=lengths,
        )
        parts = (track.f0, track.confidence)
        if torch:
            parts = tuple(torch.from_dlpack(part) for part in parts)
    return parts if return_confidence else parts[0]


@contextmanager
def _stream_of(torch: Any, number: int) -> Iterator[None]:
    """Work on torch's current stream for its tensors; on CuPy's current one for all others."""
    if torch is None:
        yield
        return
    import cupy

    address = torch.cuda.current_stream(number).cuda_stream
    with cupy.cuda.Stream.from_external(ForeignStream(address)):
        yield


def _lengths(xp: Any, lengths: Any, shape: tuple[int, ...]) -> Any:
    """Return ``(batch,)`` int64 on the device; those on it already are clipped, not checked."""
    if hasattr(lengths, "__dlpack_device__") and lengths.__dlpack_device__()[0] == CUDA:
        import cupy

        return xp.clip(xp.astype(cupy.from_dlpack(lengths), xp.int64), 0, shape[1])
    return xp.asarray(check_lengths(np.asarray(lengths), shape))
