"""Samples of sound: arrays of any library, shape and number format, as ``Audio`` holds them."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj

from autovoice_core._arguments import describe
from autovoice_core._arrays import Array, as_numpy, device_name
from autovoice_core._errors import InputError

MAX_CHANNELS = 8

_FULL_SCALES = {"int16": 2.0**15, "int32": 2.0**31, "uint8": 2.0**7}
"""Full scale of the integers that sound files hold. That of others is anyone's guess."""


def as_samples(value: Any) -> Array:
    """Return ``value`` as ``(channels, frames)`` float32, full scale at ±1, on its device.

    An array that is so already keeps its memory. A first axis of 1 to 8 is the channels, else
    the second is.

    Raises
    ------
    InputError
        It is no array, or one of another shape or of numbers that are not sound.
    """
    if (
        type(value) is np.ndarray
        and value.dtype == np.float32
        and value.ndim == 2
        and 1 <= value.shape[0] <= MAX_CHANNELS
    ):
        return value
    array = as_array("samples", value)
    samples: Array = _as_float32(_with_channels_first(array))
    if samples is array and isinstance(array, np.ndarray) and not isinstance(value, np.ndarray):
        return value if isinstance(value, Array) else samples  # one that only speaks DLPack
    return samples


def as_array(name: str, value: Any) -> Any:
    """Return a NumPy array, or one of a library that follows the array API, on its device.

    Raises
    ------
    InputError
        It is no array, or can't be read.
    """
    try:
        if getattr(value, "requires_grad", False) is True:
            value = value.detach()
        if isinstance(value, np.generic):
            value = value.item()  # one number is no array, though NumPy's have a shape
        if is_array_api_obj(value) and not isinstance(value, np.ndarray):
            if device_name(value) == "cpu" and "bfloat16" not in str(value.dtype):
                as_numpy(value)  # refuses what can't be read: sparse tensors, for example
            return value
        if isinstance(value, Array) and not isinstance(value, np.ndarray):
            return as_numpy(value)
        if _is_list_of_numbers(value) or hasattr(value, "__array__"):
            return np.asarray(value)
    except Exception as error:
        raise InputError(
            f"{name}: {describe(value)} can't be read as an array ({error}); give a NumPy array"
        ) from error
    kind = "a list of numbers" if isinstance(value, (list, tuple)) else "an array"
    raise InputError(f"{name}: {describe(value)} is not {kind}; give a NumPy array")


def _is_list_of_numbers(value: Any) -> bool:
    """Whether ``value`` is a list or tuple of numbers, or of such lists.

    Raises
    ------
    ValueError
        It is one of lists of several lengths.
    """
    return isinstance(value, (list, tuple)) and np.asarray(value).dtype.kind in "biufc"


def _with_channels_first(array: Any) -> Any:
    shape = tuple(array.shape)
    if len(shape) == 1:
        return array[None, :]
    if len(shape) == 2 and 1 <= shape[0] <= MAX_CHANNELS:
        return array
    if len(shape) == 2 and 1 <= shape[1] <= MAX_CHANNELS:
        return array.T
    raise InputError(
        f"samples: the shape {shape} is not (frames,), (channels, frames) or (frames, channels) "
        f"with 1 to {MAX_CHANNELS} channels; give one recording"
    )


def _as_float32(array: Any) -> Any:
    xp = array_namespace(array) if is_array_api_obj(array) else np
    dtype = array.dtype
    if dtype == xp.float32:
        return array
    name = getattr(dtype, "name", None) or str(dtype).rpartition(".")[2]
    if name in _FULL_SCALES:
        scale = _FULL_SCALES[name]
        offset = scale if name == "uint8" else 0.0
        return (xp.astype(array, xp.float32) - offset) / scale
    if name in ("float16", "bfloat16", "float64", "longdouble", "float128", "float96", "float32"):
        with np.errstate(over="ignore"):  # infinity is refused where it is used
            return xp.astype(array, xp.float32)
    raise InputError(
        f"samples: the dtype {name} is not one of sound; give floats with full scale at 1, or "
        "int16, int32 or uint8 as in sound files"
    )
