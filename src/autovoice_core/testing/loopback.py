"""Arrays that expose ``__dlpack__`` and ``__dlpack_device__`` and nothing else.

They lie on the host but behave like those of a device library that nobody has heard of: what
assumes NumPy breaks on them, without a GPU.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from autovoice_core._types import Audio, PitchFrames, Stems

__all__ = ["Loopback", "LoopbackArray", "looped"]


class LoopbackArray:
    """An array of which only DLPack can be had."""

    __slots__ = ("_values",)

    def __init__(self, values: NDArray[Any]) -> None:
        # NumPy hands bool to DLPack since 2.0, but nothing that is read-only.
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
    """Any implementation, whose results are loopback arrays.

    Core must treat it like the implementation itself: what it makes of the results is the same.
    """

    def __init__(self, implementation: Any) -> None:
        self._inner = implementation

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        return self._looping(value) if callable(value) else value

    @staticmethod
    def _looping(method: Any) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            result = method(*args, **options)
            return Loopback(result) if hasattr(result, "render") else looped(result)

        return call
