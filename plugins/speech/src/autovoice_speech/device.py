"""The check of the device and dtype that an engine of this package is opened on."""

from __future__ import annotations

from autovoice_core import InputError


def check_device_and_dtype(engine: str, device: str, dtype: str) -> None:
    """Refuse all but the processor, in float32.

    Raises
    ------
    InputError
        Another device or dtype is requested.
    """
    if (device, dtype) != ("cpu", "float32"):
        raise InputError(
            f"device, dtype: speech/{engine} runs on cpu in float32, not on {device} in {dtype}; "
            "ask for those"
        )
