"""Arrays that expose ``__dlpack__`` and ``__dlpack_device__`` and nothing else.

They are on the host, but behave like those of an unknown device library: code that assumes NumPy
fails on them, without a GPU.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from autovoice_core._types import Audio, PitchFrames, Stems

__all__ = ["Loopback", "LoopbackArray", "looped"]


class LoopbackArray:
    """An array with no interface but DLPack."""

    __slots__ = ("_values",)

    def __init__(self, values: NDArray[Any]) -> None:
        # NumPy exports bool by DLPack since 2.0, but no read-only array.
        self._values = np.array(values)

    def __dlpack__(self, **options: Any) -> Any:
        return self._values.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._values.__dlpack_device__()


def looped(value: Any) -> Any:
    """Return ``value`` with the arrays of every Audio, Stems and PitchFrames as loopback arrays."""
    if isinstance(value, Audio):
        return evolve(value, samples=LoopbackArray(value.numpy()))
    if isinstance(value, Stems):
        return Stems(looped(value.vocals), looped(value.accompaniment))
    if isinstance(value, PitchFrames):
        parts = (value.f0, value.voiced, value.confidence)
        return PitchFrames(*(LoopbackArray(np.asarray(part)) for part in parts))
    return value


class Loopback:
    """A wrapper of an implementation, whose results become loopback arrays.

    Core must return the same with it as with the implementation itself.
    """

    def __init__(self, implementation: Any) -> None:
        self._inner = implementation

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        return self._wrap(value) if callable(value) else value

    @staticmethod
    def _wrap(method: Any) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            result = method(*args, **options)
            return Loopback(result) if hasattr(result, "render") else looped(result)

        return call
