"""``triton/wrpca``: separation by weighted robust PCA, on torch tensors, by CUDA's libraries."""

from __future__ import annotations

from autovoice_core.backends.smoke_tests import stems_add_up
from autovoice_core.separation.wrpca.wrpca import WeightedRobustPCA
from autovoice_triton.device import (
    arrays,
    check_device,
    check_device_and_dtype,
    explained_device_errors,
)


def open_wrpca(*, device: str, dtype: str) -> WeightedRobustPCA:
    """Return the separator, on CUDA's first device; it has no options."""
    check_device_and_dtype("wrpca", device, dtype)
    return WeightedRobustPCA(arrays())


def probe_wrpca(device: str) -> None:
    """Separate a moment of noise; the stems must add up to it."""
    check_device()
    with explained_device_errors():
        sound = stems_add_up(open_wrpca(device=device, dtype="float32"))
    if not sound:
        raise RuntimeError(
            "the stems do not add up to the mixture; the driver or the device is faulty"
        )
