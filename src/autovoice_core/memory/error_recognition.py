"""Recognition of out-of-memory errors; ``audio.window_plan`` tries again with shorter windows."""

from __future__ import annotations

_CLASS_NAMES = {"OutOfMemoryError"}
"""Exceptions of CuPy and torch, by name so that neither need be imported."""
_PHRASES = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "failed to allocate memory",
    "alloc_failed",
    "bad_alloc",
)
"""Messages of libraries without such a class: torch on the CPU, ONNX Runtime, cuFFT."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether ``error``, or an error that caused it, says that memory ran out."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError) or any(
            kind.__name__ in _CLASS_NAMES for kind in type(cause).__mro__
        ):
            return True
        if isinstance(cause, RuntimeError) or type(cause).__module__ != "builtins":
            text = str(cause).lower()
            if any(phrase in text for phrase in _PHRASES):
                return True
        cause = cause.__cause__
    return False
