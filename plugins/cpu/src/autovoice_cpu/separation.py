"""``cpu/wrpca``: the separation recipe on NumPy arrays."""

from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np

from autovoice_core import Audio
from autovoice_core.recipes.separation import WeightedRobustPCA
from autovoice_cpu.place import check_place


def open_wrpca(*, device: str, dtype: str) -> WeightedRobustPCA:
    """Return the separator; it has no options."""
    check_place("wrpca", device, dtype)
    return WeightedRobustPCA(xp)


def probe_wrpca(device: str) -> None:
    """Separate a moment of noise, and see that the stems add up to it."""
    noise = np.random.default_rng(0).standard_normal((1, 4000)).astype(np.float32)
    stems = open_wrpca(device=device, dtype="float32").separate(Audio(noise, 8000))
    if np.abs(stems.vocals.numpy() + stems.accompaniment.numpy() - noise).max() > 1e-4:
        raise RuntimeError("the stems do not add up to the mixture; reinstall numpy")
