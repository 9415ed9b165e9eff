"""``cpu/retrieval``: the conversion recipe on NumPy arrays and Numba kernels."""

from __future__ import annotations

from typing import Any

import array_api_compat.numpy as xp
import numpy as np

from autovoice_core.recipes.conversion import Retrieval
from autovoice_cpu.kernels.conversion import Kernels


def open_retrieval(*, device: str, dtype: str) -> Retrieval:
    """Return the converter; it has no options."""
    del device, dtype
    return Retrieval(xp, Kernels())


def probe_retrieval(device: str) -> None:
    """Find the nearest of three points."""
    points: Any = np.eye(3, dtype=np.float32)
    nearest, _ = Kernels().nearest(points[1:2], points, 1)
    if nearest[0, 0] != 1:
        raise RuntimeError(f"the search on {device} finds the wrong neighbour; reinstall numba")
