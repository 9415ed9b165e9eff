"""``cpu/repet``: the separation recipe on NumPy arrays and Numba kernels."""

from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np

from autovoice_core import Audio
from autovoice_core.recipes.separation import RepetSim
from autovoice_cpu.kernels.separation import NumbaSeparationKernels
from autovoice_cpu.place import check_place


def open_repet(*, device: str, dtype: str) -> RepetSim:
    """Return the separator; it has no options."""
    check_place("repet", device, dtype)
    return RepetSim(xp, NumbaSeparationKernels())


def probe_repet(device: str) -> None:
    """Separate a moment of noise, and see that the stems add up to it."""
    noise = np.random.default_rng(0).standard_normal((1, 4000)).astype(np.float32)
    stems = open_repet(device=device, dtype="float32").separate(Audio(noise, 8000))
    if np.abs(stems.vocals.numpy() + stems.accompaniment.numpy() - noise).max() > 1e-4:
        raise RuntimeError("the stems do not add up to the mixture; reinstall numpy and numba")
