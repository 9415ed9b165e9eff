"""``cpu/retrieval``: conversion by retrieval, on NumPy arrays and Numba kernels."""

from __future__ import annotations

import array_api_compat.numpy as xp

from autovoice_core.backends.smoke_tests import oscillators_oscillate
from autovoice_core.conversion.retrieval.stream.retrieval import LOWEST_F0, StreamingRetrieval
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_cpu.device import check_device_and_dtype
from autovoice_cpu.kernels.nccf import NumbaPitchKernels
from autovoice_cpu.kernels.retrieval import NumbaConversionKernels


def open_retrieval(*, device: str, dtype: str) -> StreamingRetrieval:
    """Return the converter.

    Parameters
    ----------
    device, dtype
        Where and in which precision to run: NumPy knows one device, and what float32 can't hold
        is float64 whatever ``dtype`` says.
    """
    check_device_and_dtype("retrieval", device, dtype)
    pitch = Nccf(xp, NumbaPitchKernels(), fmin=LOWEST_F0)
    return StreamingRetrieval(xp, NumbaConversionKernels(), pitch)


def probe_retrieval(device: str) -> None:
    """Let an oscillator swing once around."""
    del device
    if not oscillators_oscillate(NumbaConversionKernels().oscillators, xp):
        raise RuntimeError("the compiled oscillators return wrong values; reinstall numba")
