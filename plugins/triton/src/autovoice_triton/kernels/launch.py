"""Pitch detection on a batch that is on the GPU already, an array of any library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autovoice_core import SingingPitchExtractor
from autovoice_core.pitch.nccf.batch import track_batch
from autovoice_core.pitch.nccf.device_input import CUDA, check_batch, check_lengths, cuda_device
from autovoice_triton.device import arrays


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
    of ``triton/nccf`` and ``cpu/nccf`` for each row.

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
        ``(batch, 1 + samples // hop_length)`` float64, Hz; 0 where unvoiced. An array of CuPy
        where ``audio`` is one, else a tensor of torch.
    confidence : Array
        The same shape, float32, 0 to 1; only if requested.

    Raises
    ------
    InputError
        The audio is not such an array on a CUDA device, or rate, hop, range or lengths are invalid.
    """
    number = cuda_device(audio)
    import torch

    from autovoice_triton.kernels.nccf import TritonPitchKernels

    is_cupy = type(audio).__module__.startswith("cupy")
    with torch.cuda.device(number), _stream_of(audio if is_cupy else None, number):
        is_torch = isinstance(audio, torch.Tensor)
        samples = audio.detach() if is_torch else torch.from_dlpack(audio)
        kind = str(samples.dtype).removeprefix("torch.")
        check_batch(tuple(samples.shape), kind, sample_rate, hop_length)
        SingingPitchExtractor(fmin, fmax)  # refuses an invalid range
        xp = arrays(f"cuda:{number}")
        if lengths is not None:
            lengths = _lengths(xp, lengths, tuple(samples.shape))
        track = track_batch(
            xp,
            TritonPitchKernels(xp),
            samples.contiguous(),
            sample_rate,
            hop_length,
            fmin=fmin,
            fmax=fmax,
            lengths=lengths,
        )
        parts = (track.f0, track.confidence)
        if is_cupy:
            import cupy

            parts = tuple(cupy.from_dlpack(part) for part in parts)
    return parts if return_confidence else parts[0]


@contextmanager
def _stream_of(audio: Any, number: int) -> Iterator[None]:
    """Work on CuPy's current stream for its arrays; on torch's current one for all others."""
    if audio is None:
        yield
        return
    import cupy
    import torch

    address = cupy.cuda.get_current_stream().ptr
    with torch.cuda.stream(torch.cuda.ExternalStream(address, device=number)):
        yield


def _lengths(xp: Any, lengths: Any, shape: tuple[int, ...]) -> Any:
    """Return ``(batch,)`` int64 on the device; those on it already are clipped, not checked."""
    if hasattr(lengths, "__dlpack_device__") and lengths.__dlpack_device__()[0] == CUDA:
        import torch

        return xp.clip(xp.astype(torch.from_dlpack(lengths), xp.int64), 0, shape[1])
    return xp.asarray(check_lengths(np.asarray(lengths), shape))
