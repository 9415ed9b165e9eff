"""Whether an error says that there is no memory left, whoever raised it."""

from __future__ import annotations

_NAMES = {"OutOfMemoryError"}
"""Of classes of CuPy and of torch, which need not be imported to be known."""
_PHRASES = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "failed to allocate memory",
    "alloc_failed",
    "bad_alloc",
)
"""How libraries tell it that have no class for it: torch on the processor, ONNX Runtime, cuFFT."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether ``error``, or what it was raised from, is for want of memory."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError) or any(
            kind.__name__ in _NAMES for kind in type(cause).__mro__
        ):
            return True
        if isinstance(cause, RuntimeError) or type(cause).__module__ != "builtins":
            text = str(cause).lower()
            if any(phrase in text for phrase in _PHRASES):
                return True
        cause = cause.__cause__
    return False
