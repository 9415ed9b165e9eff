"""Recognition of out-of-memory errors; ``audio.window_plan`` tries again with shorter windows."""

from __future__ import annotations

from autovoice_core._causes import causes
from autovoice_core._printable import text_of

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


_LONGEST_READ = 20_000
"""Most characters of a message that are searched."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether ``error``, or an error that caused it, says that memory ran out."""
    try:
        return any(_says_so(each) for each in causes(error))
    except Exception:  # noqa: BLE001  # its class is a plugin's own, and broken
        return False


def _says_so(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or any(
        kind.__name__ in _CLASS_NAMES for kind in type(error).__mro__
    ):
        return True
    if isinstance(error, RuntimeError) or type(error).__module__ != "builtins":
        text = text_of(error)[:_LONGEST_READ].lower()
        return any(phrase in text for phrase in _PHRASES)
    return False
