"""Standard output while backends run: what they print goes to standard error instead.

So a plugin that prints spoils neither JSON nor sound that a program writes to its output. Only
the threads in which a backend was called are diverted. What code outside Python prints is not.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_lock = threading.Lock()
_calls = 0
"""Calls of backends in progress, in all threads."""


class _Depth(threading.local):
    calls = 0


_depth = _Depth()


class _Divided:
    """Standard output as it was, except in threads that are inside a backend."""

    def __init__(self, original: Any) -> None:
        self.original = original

    def __getattr__(self, name: str) -> Any:
        stream = sys.stderr if _depth.calls and sys.stderr is not None else self.original
        return getattr(stream, name)


def divert() -> None:
    """Send what this thread prints to standard error, until :func:`restore`."""
    global _calls
    with _lock:
        _calls += 1
        if not isinstance(sys.stdout, _Divided):
            sys.stdout = _Divided(sys.stdout)
    _depth.calls += 1


def restore(before: Any) -> bool:
    """End :func:`divert`; return whether standard output had been replaced meanwhile.

    ``before`` is what it was, as :func:`current` returned it; it is put back then.
    """
    global _calls
    _depth.calls -= 1
    with _lock:
        _calls -= 1
        now: Any = sys.stdout
        replaced = not isinstance(now, _Divided)
        if replaced:
            sys.stdout = _Divided(before) if _calls else before
        elif not _calls:
            sys.stdout = now.original
        return replaced


def current() -> Any:
    """Return standard output as it is outside of backends."""
    stream: Any = sys.stdout
    return stream.original if isinstance(stream, _Divided) else stream


@contextmanager
def callers_own() -> Iterator[None]:
    """Let this thread print to standard output within: code of the caller, run by a backend."""
    calls, _depth.calls = _depth.calls, 0
    try:
        yield
    finally:
        _depth.calls = calls
