"""Arrays of any library: brought to the host through DLPack, or worked on where they lie."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
from array_api_compat import array_namespace, device, is_array_api_obj
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


def workable(array: Array) -> Any:
    """Return ``array`` as something to compute with.

    On a device that is the array itself, if its library is an array API; else a NumPy array.
    """
    if is_array_api_obj(array) and device_name(array) != "cpu":
        return array
    return as_numpy(array)


def beside(like: Any, array: Array) -> Any:
    """Return ``array`` where a workable one lies, as one of its library."""
    array = workable(array)
    if isinstance(like, np.ndarray) or type(array) is type(like):
        return as_numpy(array) if isinstance(like, np.ndarray) else array
    xp = array_namespace(like)
    if isinstance(array, np.ndarray):
        return xp.asarray(array, device=device(like))
    return xp.from_dlpack(array)


def all_finite(values: Any) -> bool:
    """Whether no value of a workable array is NaN or infinite."""
    if not isinstance(values, np.ndarray):
        xp = array_namespace(values)
        return bool(xp.all(xp.isfinite(values)))
    with np.errstate(all="ignore"):
        # A sum is finite only if every term is; the reverse fails where the sum overflows. One
        # pass, with no array made where all is well.
        return bool(np.isfinite(values.sum()) or np.isfinite(values).all())


CPU = 1
"""DLPack's code of host memory."""

_DEVICE_NAMES = {CPU: "cpu", 2: "cuda", 3: "cuda", 8: "metal", 10: "rocm", 13: "cuda"}


def device_name(array: Array) -> str:
    """Return the kind of device that holds ``array``: ``"cpu"``, ``"cuda"``, ..."""
    device_type, _ = array.__dlpack_device__()
    return _DEVICE_NAMES.get(device_type, f"dlpack:{device_type}")
