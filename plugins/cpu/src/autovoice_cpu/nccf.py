"""``cpu/nccf``: pitch by normalised cross-correlation, on NumPy arrays and Numba kernels."""

from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np

from autovoice_core import Audio
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_cpu.device import check_device_and_dtype
from autovoice_cpu.kernels.nccf import NumbaPitchKernels


def open_nccf(*, device: str, dtype: str, fmin: float = 40.0, fmax: float = 2000.0) -> Nccf:
    """Return the tracker.

    Parameters
    ----------
    device, dtype
        Where and in which precision to run; it is exact, so ``dtype`` makes no difference.
    fmin, fmax
        Range to look in, Hz.
    """
    check_device_and_dtype("nccf", device, dtype)
    return Nccf(xp, NumbaPitchKernels(), fmin=fmin, fmax=fmax)


def probe_nccf(device: str) -> None:
    """Track a tone of 220 Hz."""
    audio = Audio(np.sin(np.arange(2000) * 2 * np.pi * 220 / 8000, dtype=np.float32)[None], 8000)
    frames = open_nccf(device=device, dtype="float32").estimate(audio, np.array([1000]))
    if abs(np.asarray(frames.f0)[0] - 220) > 1:
        raise RuntimeError("the compiled kernels miss a tone of 220 Hz; reinstall numba")
