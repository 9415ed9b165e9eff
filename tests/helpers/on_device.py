"""OnDevice, kernels of the CPU on arrays of a fake device."""

from __future__ import annotations

from typing import Any

from autovoice_core.testing.fake_device import DeviceArray, FakeDevice


class OnDevice:
    """Kernels that take arrays of the fake device and return such."""

    def __init__(self, kernels: Any, library: FakeDevice) -> None:
        self._kernels, self._library = kernels, library

    def __getattr__(self, name: str) -> Any:
        kernel = getattr(self._kernels, name)

        def call(*arguments: Any) -> Any:
            plain = (a.values if isinstance(a, DeviceArray) else a for a in arguments)
            found = kernel(*plain)
            if isinstance(found, tuple):
                return tuple(DeviceArray(part, self._library) for part in found)
            return DeviceArray(found, self._library)

        return call
