"""Where the backends of this package run."""

from __future__ import annotations

from autovoice_core import InputError


def check_device_and_dtype(backend: str, device: str, dtype: str) -> None:
    """Refuse every place but the processor, in float32.

    Raises
    ------
    InputError
        Another device or precision is asked for.
    """
    if (device, dtype) != ("cpu", "float32"):
        raise InputError(
            f"device, dtype: cpu/{backend} runs on cpu in float32, not on {device} in {dtype}; "
            "ask for those or choose another backend"
        )
