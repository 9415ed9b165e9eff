"""``cpu/wrpca``: separation by weighted robust PCA, on NumPy arrays."""

from __future__ import annotations

import array_api_compat.numpy as xp

from autovoice_core import Audio, Stems
from autovoice_core._blas import single_threaded_blas
from autovoice_core.backends.smoke_tests import stems_add_up
from autovoice_core.separation.wrpca.wrpca import WeightedRobustPCA
from autovoice_cpu.device import check_device_and_dtype


class SingleThreadedRobustPCA(WeightedRobustPCA):
    """The algorithm, with its linear algebra on one thread; blocks may share several."""

    def separate(self, mixture: Audio) -> Stems:
        """Return vocals, and the mixture without them."""
        with single_threaded_blas():
            return super().separate(mixture)


def open_wrpca(*, device: str, dtype: str) -> WeightedRobustPCA:
    """Return the separator; it has no options."""
    check_device_and_dtype("wrpca", device, dtype)
    return SingleThreadedRobustPCA(xp)


def probe_wrpca(device: str) -> None:
    """Separate a moment of noise; the stems must add up to it."""
    if not stems_add_up(open_wrpca(device=device, dtype="float32")):
        raise RuntimeError("the stems do not add up to the mixture; reinstall numpy")
