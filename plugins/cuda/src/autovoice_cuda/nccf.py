"""``cuda/nccf``: pitch by normalised cross-correlation, on CuPy arrays and CUDA C++ kernels."""

from __future__ import annotations

from typing import Any

import numpy as np

from autovoice_core import Audio
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_cuda.device import (
    check_device,
    check_device_and_dtype,
    explained_device_errors,
    machine,
)
from autovoice_cuda.kernels.nccf import CudaPitchKernels


def open_nccf(*, device: str, dtype: str, fmin: float = 40.0, fmax: float = 2000.0) -> Nccf:
    """Return the tracker, on CUDA's first device.

    Parameters
    ----------
    device, dtype
        Where and in which precision to run; it is exact, so ``dtype`` makes no difference.
    fmin, fmax
        Range to look in, Hz.
    """
    check_device_and_dtype("nccf", device, dtype)
    gpu = machine()
    return Nccf(gpu.xp, CudaPitchKernels(gpu), fmin=fmin, fmax=fmax)


def probe_nccf(device: str) -> None:
    """Track a tone of 220 Hz."""
    check_device()
    tone = np.sin(np.arange(2000) * 2 * np.pi * 220 / 8000, dtype=np.float32)
    with explained_device_errors():
        frames: Any = open_nccf(device=device, dtype="float32").estimate(
            Audio(tone[None], 8000), np.array([1000])
        )
        f0 = float(frames.f0[0])
    if abs(f0 - 220) > 1:
        raise RuntimeError(
            f"a tone of 220 Hz was tracked as {f0:.0f} Hz; the driver or the device is faulty"
        )
