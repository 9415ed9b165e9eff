"""Arrays of any library, brought to the host as NumPy arrays through DLPack."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


@runtime_checkable
class Array(Protocol):
    """Any array that speaks DLPack: NumPy, CuPy, torch, JAX and others."""

    def __dlpack__(self, *args: Any, **kwargs: Any) -> Any:
        """Return a DLPack capsule of the array."""

    def __dlpack_device__(self) -> tuple[int, int]:
        """Return the DLPack device type and number."""


def as_numpy(array: Array) -> NDArray[Any]:
    """Return ``array`` on the host, without a copy where it already lies there.

    Raises
    ------
    TypeError
        ``array`` does not speak DLPack.
    BufferError
        Its library can't hand the array to the host.
    """
    if isinstance(array, np.ndarray):
        return array
    if not isinstance(array, Array):
        raise TypeError(f"expected an array that has __dlpack__, got {type(array).__name__}")
    device_type, _ = array.__dlpack_device__()
    if device_type == CPU:
        return np.from_dlpack(array)
    return np.from_dlpack(array, device="cpu")


CPU = 1
"""DLPack's code of host memory."""

_DEVICE_NAMES = {CPU: "cpu", 2: "cuda", 3: "cuda", 8: "metal", 10: "rocm", 13: "cuda"}


def device_name(array: Array) -> str:
    """Return the kind of device that holds ``array``: ``"cpu"``, ``"cuda"``, ..."""
    device_type, _ = array.__dlpack_device__()
    return _DEVICE_NAMES.get(device_type, f"dlpack:{device_type}")
