"""A fake device: an array library over host memory that reports its arrays as on ``cuda:0``.

It is as strict as a real one. Host arrays don't mix with its own, arrays are created on it only
if ``device`` names it, and nothing becomes a NumPy array except by DLPack. Transfers between host
and device are recorded.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import array_api_compat.numpy as host
import numpy as np

__all__ = ["DeviceArray", "FakeDevice"]

NAME = "cuda:0"
"""The device that arrays are on unless another kind is given."""


class DeviceArray:
    """An array of a :class:`FakeDevice`."""

    __slots__ = ("_library", "values")

    def __init__(self, values: Any, library: FakeDevice) -> None:
        self.values, self._library = np.asarray(values), library

    @property
    def device(self) -> str:
        """The name of the device, as its library gives it."""
        return self._library.name

    def __array_namespace__(self, *, api_version: str | None = None) -> FakeDevice:
        return self._library

    def __array__(self, *arguments: Any, **options: Any) -> Any:
        raise TypeError("an array of the device is no array of the host")

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._library.code, 0

    def __dlpack__(self, **options: Any) -> Any:
        self._library.fetched.append(self.values.shape)
        return self.values.copy().__dlpack__()

    def __getattr__(self, name: str) -> Any:
        if name not in {"shape", "dtype", "ndim", "size", "nbytes", "T"}:
            raise AttributeError(f"an array of the device has no {name}")
        found = getattr(self.values, name)
        return DeviceArray(found, self._library) if name == "T" else found

    def __getitem__(self, key: Any) -> DeviceArray:
        return DeviceArray(self.values[_unwrapped(key)], self._library)

    def __setitem__(self, key: Any, value: Any) -> None:
        self.values[_unwrapped(key)] = _unwrapped(value)

    def __len__(self) -> int:
        return len(self.values)

    def __bool__(self) -> bool:
        return bool(self.values)

    def __int__(self) -> int:
        return int(self.values)

    def __float__(self) -> float:
        return float(self.values)


_REFLECTED = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor")
_SHIFTS = ("lshift", "rshift")
_NOT_REFLECTED = ("matmul", "neg", "pos", "abs", "invert", "lt", "le", "eq", "ne", "gt", "ge")
_SCALARS = (bool, int, float, complex, np.generic)


def _method(work: Callable[..., Any], *, reflected: bool) -> Callable[..., Any]:
    def method(self: DeviceArray, *others: Any) -> Any:
        if not all(isinstance(other, (DeviceArray, *_SCALARS)) for other in others):
            return NotImplemented
        pair = [self.values, *map(_unwrapped, others)]
        return DeviceArray(work(*(reversed(pair) if reflected else pair)), self._library)

    return method


for _name in _REFLECTED + _SHIFTS + _NOT_REFLECTED:
    _work = getattr(operator, f"__{_name}__")
    setattr(DeviceArray, f"__{_name}__", _method(_work, reflected=False))
    if _name not in _NOT_REFLECTED:
        setattr(DeviceArray, f"__r{_name}__", _method(_work, reflected=True))


class FakeDevice:
    """An array namespace whose arrays are on a fake device.

    Parameters
    ----------
    kind
        The kind of device: arrays are on ``"<kind>:0"``.
    code
        The code that DLPack has for it.

    Attributes
    ----------
    name
        The name of the device, e.g. ``"cuda:0"``.
    sent, fetched
        Shapes of the arrays copied to the device, and of those copied from it by DLPack.
    """

    def __init__(
        self,
        kind: str = "cuda",
        code: int = 2,
        *,
        names: Any = host,
        parent: FakeDevice | None = None,
    ) -> None:
        self.name, self.code = f"{kind}:0", code
        self._names = names
        self._root = parent or self
        self.sent: list[tuple[int, ...]] = []
        self.fetched: list[tuple[int, ...]] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._names, name)
        if name in {"fft", "linalg"}:
            return FakeDevice(names=found, parent=self._root)
        if isinstance(found, type) or not callable(found):
            return found

        def call(*arguments: Any, device: str | None = None, **options: Any) -> Any:
            on_device = device == self._root.name or _on_device(arguments)
            made = found(
                *map(_unwrapped, arguments),
                **{key: _unwrapped(value) for key, value in options.items()},
            )
            return self._wrapped(made) if on_device else made

        return call

    def asarray(self, values: Any, *, device: str | None = None, **options: Any) -> Any:
        """Return ``values`` where they are, or on the device if ``device`` names it."""
        if isinstance(values, DeviceArray):
            return DeviceArray(host.asarray(values.values, **options), self._root)
        made = host.asarray(values, **options)
        if device != self._root.name:
            return made
        self._root.sent.append(made.shape)
        return DeviceArray(made.copy(), self._root)

    def from_dlpack(self, array: Any) -> Any:
        """Return another library's array of the same device, without a copy to the host."""
        return DeviceArray(array.values, self._root)

    def _wrapped(self, value: Any) -> Any:
        if isinstance(value, tuple):
            parts = map(self._wrapped, value)
            return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
        if isinstance(value, np.ndarray | np.generic):
            return DeviceArray(value, self._root)
        return value


def _on_device(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_on_device, value))
    return isinstance(value, DeviceArray)


def _unwrapped(value: Any) -> Any:
    """Return ``value`` with device arrays as NumPy arrays; host arrays are an error."""
    if isinstance(value, DeviceArray):
        return value.values
    if isinstance(value, np.ndarray) and value.ndim:
        raise TypeError("an array of the host does not mix with those of the device")
    if isinstance(value, list | tuple):
        return type(value)(map(_unwrapped, value))
    return value
