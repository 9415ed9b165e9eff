"""Containment of plugins: what an import or a call leaves behind in the process is put back."""

from __future__ import annotations

import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb
from types import FrameType, TracebackType
from typing import Any

from autovoice_core._errors import PluginWarning
from autovoice_core._printable import shortened
from autovoice_core.backends import process_state, standard_output

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


@contextmanager
def known_interrupts() -> Iterator[None]:
    """Let an interrupt by the user, inside, be known by :func:`is_from_signal_handler`.

    Python's own handler of it leaves no trace in what it raises, which then looks the same as a
    plugin's own ``KeyboardInterrupt``. In other threads than the main one no interrupt is raised.
    """
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield
        return
    signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def ends_the_program(error: BaseException) -> bool:
    """Whether what was raised within :func:`known_interrupts` is not the plugin's own.

    So it is passed on: it is the user's interrupt, or the ending of a handler of signals. Of an
    interrupt that can't be known, as the program handles signals in C, the user is supposed.
    """
    is_known = threading.current_thread() is not threading.main_thread() or callable(
        signal.getsignal(signal.SIGINT)
    )
    return is_from_signal_handler(error) or (isinstance(error, KeyboardInterrupt) and not is_known)


def is_from_signal_handler(error: BaseException) -> bool:
    """Whether an exception was raised by a handler of signals, so that it is the program's own."""
    handlers = [signal.getsignal(number) for number in range(1, signal.NSIG)]
    codes = {
        getattr(getattr(handler, "__func__", handler), "__code__", None) for handler in handlers
    } - {None} | {_interrupt.__code__}
    return any(frame.f_code in codes for frame, _ in walk_tb(error.__traceback__))
