"""Arrays of any library, moved through DLPack or computed with on their own device."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
from array_api_compat import array_namespace, device, is_array_api_obj
from numpy.typing import NDArray

from autovoice_core._dlpack import CPU, KINDS


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


def as_array_api(array: Array) -> Any:
    """Return ``array`` as one that follows the array API standard.

    On a device that is the array itself, if its library does; else a NumPy array.
    """
    if is_array_api_obj(array) and device_name(array) != "cpu":
        return array
    return as_numpy(array)


def to_device_of(like: Any, array: Array) -> Any:
    """Return ``array`` on the device of ``like``, as an array of its library."""
    array = as_array_api(array)
    if isinstance(like, np.ndarray) or type(array) is type(like):
        return as_numpy(array) if isinstance(like, np.ndarray) else array
    xp = array_namespace(like)
    if isinstance(array, np.ndarray):
        return xp.asarray(array, device=device(like))
    return xp.from_dlpack(array)


def all_finite(values: Any) -> bool:
    """Whether no value of an array-API array is NaN or infinite."""
    if not isinstance(values, np.ndarray):
        xp = array_namespace(values)
        return bool(xp.all(xp.isfinite(values)))
    with np.errstate(all="ignore"):
        # A sum is finite only if every term is, though it may overflow. So one pass, without a
        # temporary array, is enough where all values are finite.
        return bool(np.isfinite(values.sum()) or np.isfinite(values).all())


def device_name(array: Array) -> str:
    """Return the kind of device that holds ``array``: ``"cpu"``, ``"cuda"``, ..."""
    device_type, _ = array.__dlpack_device__()
    return KINDS.get(device_type, f"dlpack:{device_type}")
