"""``triton/retrieval``: conversion by retrieval, on torch tensors and Triton kernels."""

from __future__ import annotations

from autovoice_core.backends.smoke_tests import oscillators_oscillate
from autovoice_core.conversion.retrieval.retrieval import Retrieval
from autovoice_triton.device import (
    arrays,
    check_device,
    check_device_and_dtype,
    explained_device_errors,
)


def open_retrieval(*, device: str, dtype: str) -> Retrieval:
    """Return the converter, on CUDA's first device.

    Parameters
    ----------
    device, dtype
        Where and in which precision to run; what float32 can't hold is float64.
    """
    check_device_and_dtype("retrieval", device, dtype)
    from autovoice_triton.kernels.retrieval import TritonConversionKernels

    xp = arrays()
    return Retrieval(xp, TritonConversionKernels(xp), xp.device)


def probe_retrieval(device: str) -> None:
    """Let an oscillator swing once around."""
    check_device()
    with explained_device_errors():
        converter = open_retrieval(device=device, dtype="float32")
        sound = oscillators_oscillate(converter.kernels.oscillators, converter.xp)
    if not sound:
        raise RuntimeError(
            "an oscillator returns wrong values; update Triton and the driver, which do not match"
        )
