"""``triton/retrieval``: the conversion recipe on torch tensors and Triton kernels."""

from __future__ import annotations

import numpy as np

from autovoice_core import Audio
from autovoice_core.recipes.conversion import Retrieval
from autovoice_triton.device import arrays, check_device, check_place, said_of_the_device


def open_retrieval(*, device: str, dtype: str) -> Retrieval:
    """Return the converter, on CUDA's first device.

    Parameters
    ----------
    device, dtype
        Where and in which precision to run; what float32 can't hold is float64.
    """
    check_place("retrieval", device, dtype)
    from autovoice_triton.kernels.conversion import TritonConversionKernels

    xp = arrays()
    return Retrieval(xp, TritonConversionKernels(xp), xp.device)


def probe_retrieval(device: str) -> None:
    """Let an oscillator swing once around."""
    check_device()
    swing = np.cos(2.0 * np.pi * np.arange(8) / 8)
    with said_of_the_device():
        converter = open_retrieval(device=device, dtype="float32")
        xp = converter.xp
        phase, ones = xp.asarray(np.arange(8) / 8), xp.asarray(np.ones((2, 1), np.float32))
        tone = converter.kernels.oscillators(phase, ones, 0.0 * ones, 8.0)
        heard = Audio(tone[None, :], 8000).numpy()[0]
    if not np.allclose(heard, swing, atol=1e-5):
        raise RuntimeError(
            "an oscillator does not swing; Triton and the driver do not go together, update them"
        )
