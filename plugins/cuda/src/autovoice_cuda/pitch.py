"""``cuda/nccf``: the pitch recipe on CuPy arrays and CUDA C++ kernels."""

from __future__ import annotations

from typing import Any

import numpy as np

from autovoice_core import Audio
from autovoice_core.recipes.pitch import Nccf
from autovoice_cuda.device import check_device, check_place, machine
from autovoice_cuda.kernels.pitch import CudaPitchKernels


def open_nccf(*, device: str, dtype: str, fmin: float = 50.0, fmax: float = 1100.0) -> Nccf:
    """Return the tracker, on CUDA's first device.

    Parameters
    ----------
    device, dtype
        Where and in which precision to run; it is exact, so ``dtype`` makes no difference.
    fmin, fmax
        Range to look in, Hz.
    """
    check_place("nccf", device, dtype)
    gpu = machine()
    return Nccf(gpu.xp, CudaPitchKernels(gpu), fmin=fmin, fmax=fmax)


def probe_nccf(device: str) -> None:
    """Track a tone of 220 Hz."""
    check_device()
    import cupy

    tone = np.sin(np.arange(2000) * 2 * np.pi * 220 / 8000, dtype=np.float32)
    try:
        frames: Any = open_nccf(device=device, dtype="float32").estimate(
            Audio(tone[None], 8000), np.array([1000])
        )
        f0 = float(frames.f0[0])
    except (cupy.cuda.memory.OutOfMemoryError, cupy.cuda.runtime.CUDARuntimeError) as error:
        if "memory" not in str(error).lower():
            raise
        raise RuntimeError(
            "the device has no memory left for even a short tone; end other programs on it, see "
            "nvidia-smi"
        ) from error
    except (cupy.cuda.compiler.CompileException, cupy.cuda.nvrtc.NVRTCError) as error:
        major, minor = cupy.cuda.nvrtc.getVersion()
        raise RuntimeError(
            f"NVRTC {major}.{minor} does not compile for this device ({error}); install the "
            f"toolkit that belongs to CuPy, `pip install 'cupy-cuda{major}x[ctk]'`"
        ) from error
    if abs(f0 - 220) > 1:
        raise RuntimeError(
            f"a tone of 220 Hz was heard as {f0:.0f} Hz; the driver or the device is faulty"
        )
