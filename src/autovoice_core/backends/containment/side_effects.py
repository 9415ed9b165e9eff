"""Side effects of plugins: what an import or a call changes in the process is put back."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from autovoice_core._errors import PluginWarning
from autovoice_core._printable import shortened
from autovoice_core.backends.containment import process_state, standard_output

_reported: set[str] = set()
_reported_lock = threading.Lock()
_is_off = False


class contained:  # noqa: N801  # a context manager, and a class as it runs for each block
    """Put back, at the end of a ``with`` block, what a plugin changed in the process.

    That is: NumPy's error handling and the working directory; if ``thorough``, the handlers of
    signals, the seeds of Python and NumPy (where no other thread could have drawn from them), the
    umask and the locale too. Standard output is put back if it was replaced, and what is printed
    goes to standard error.

    Parameters
    ----------
    who, during
        The plugin and what it was doing, for the warning: ``"plugin 'x' (x 1.0)"``, ``"while it
        was imported"``.
    threads
        Whether threads that are left running are reported; they can't be stopped.

    Attributes
    ----------
    changed
        After the block, the names of what was changed.

    Warns
    -----
    PluginWarning
        Something was changed; once for each ``who``, ``during`` and set of names.
    """

    __slots__ = ("_before", "_during", "_parts", "_stdout", "_threads", "_who", "changed")

    def __init__(
        self, who: str, during: str, *, thorough: bool = True, threads: bool = False
    ) -> None:
        self._who, self._during = who, during
        self._parts = process_state.ALL if thorough else process_state.QUICK
        self._threads = set(threading.enumerate()) if threads else None
        self.changed: list[str] = []

    def __enter__(self) -> contained:
        self._before = [part.read() for part in self._parts]
        self._stdout = standard_output.current()
        standard_output.divert()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None
    ) -> None:
        if standard_output.restore(self._stdout):
            self.changed.append("standard output")
        if _is_off:
            return
        self.changed += process_state.put_back(self._parts, self._before)
        left = set() if self._threads is None else set(threading.enumerate()) - self._threads
        if self.changed or left:
            self._report(sorted(thread.name for thread in left))

    def _report(self, threads: list[str]) -> None:
        deeds = []
        if self.changed:
            deeds.append(f"changed {' and '.join(self.changed)} (put back)")
        if threads:
            deeds.append(f"left threads running ({shortened(', '.join(threads))})")
        text = f"{self._who} {' and '.join(deeds)} {self._during}"
        with _reported_lock:
            is_new = text not in _reported
            _reported.add(text)
        if is_new:
            warnings.warn(text, PluginWarning, stacklevel=4)


@contextmanager
def off() -> Iterator[None]:
    """Contain nothing within, for tests that must see what a backend does."""
    global _is_off
    before, _is_off = _is_off, True
    try:
        yield
    finally:
        _is_off = before


def is_off() -> bool:
    """Whether nothing is contained."""
    return _is_off
