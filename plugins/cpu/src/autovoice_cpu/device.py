"""The check of the device and dtype that a backend of this package is opened on."""

from __future__ import annotations

from autovoice_core import InputError


def check_device_and_dtype(backend: str, device: str, dtype: str) -> None:
    """Refuse all but the processor, in float32.

    Raises
    ------
    InputError
        Another device or dtype is requested.
    """
    if (device, dtype) != ("cpu", "float32"):
        raise InputError(
            f"device, dtype: cpu/{backend} runs on cpu in float32, not on {device} in {dtype}; "
            "ask for those or choose another backend"
        )
