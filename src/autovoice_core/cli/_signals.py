"""Signals that stop a command: they unwind the stack, so that temporary files are removed."""

from __future__ import annotations

import atexit
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import ExtensionFileLoader
from threading import Thread, Timer
from types import FrameType, TracebackType
from typing import Any, Self

STOPPING_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
"""Ctrl-C, an end from outside, and a terminal that was closed."""
MIN_REPEAT_SECONDS = 5.0
"""Time after a signal in which further ones are ignored, so that they don't stop the removal."""

_RETRY_SECONDS = 0.005


class Stopped(KeyboardInterrupt):
    """A signal arrived.

    A class of its own, as Python remembers a plain KeyboardInterrupt that passes through code in
    a string, even if it is caught, and ends with another exit code for it.
    """


class StopSignals:
    """Turns :data:`STOPPING_SIGNALS` into :class:`Stopped` within a ``with`` block.

    One that is ignored, as SIGHUP is under ``nohup``, stays so. A thread other than the main one
    gets no signals.

    Parameters
    ----------
    until_exit
        Whether the process ends after the block; signals don't change its exit code then, unless
        it hangs. Otherwise they are handled as before.

    Attributes
    ----------
    received
        The last signal; None where there was none.
    """

    def __init__(self, *, until_exit: bool) -> None:
        self.received: int | None = None
        self._until_exit = until_exit
        self._interrupted = 0.0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for name in STOPPING_SIGNALS:
            number = getattr(signal, name, None)
            before = signal.SIG_IGN if number is None else signal.getsignal(number)
            if number is None or before in (signal.SIG_IGN, None):
                continue
            try:
                signal.signal(number, self._stop)
            except ValueError:  # not the main thread
                return self
            self._before[number] = before
        if self._until_exit:
            atexit.register(self._ignore)  # first of all, so that it is called last
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended = time.monotonic()
        for number, before in self._before.items():
            signal.signal(number, self._leave if self._until_exit else before)

    def exit_code(self, code: int) -> int:
        """Return ``code``, or 128 and the number of the signal if that made the command fail."""
        return code if self.received is None or code == 0 else 128 + self.received

    def _leave(self, number: int, frame: FrameType | None) -> None:
        """End a process that hangs at its end; before, what removes temporary files is to run."""
        if time.monotonic() - self._ended > MIN_REPEAT_SECONDS:
            os._exit(128 + number)

    def _ignore(self) -> None:
        """Ignore signals while Python ends, when none of its handlers is called any more."""
        for number in self._before:
            signal.signal(number, signal.SIG_IGN)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if _must_go_on(frame):
            Timer(_RETRY_SECONDS, signal.raise_signal, (number,)).start()
            return
        now = time.monotonic()
        if self.received is not None and now - self._interrupted < MIN_REPEAT_SECONDS:
            return
        self.received, self._interrupted = number, now
        raise Stopped


def _must_go_on(frame: FrameType | None) -> bool:
    """Return whether an exception would do harm there: be lost, or keep the process from ending.

    That is where C code has called back, libsndfile to read a file and an extension module while
    it is imported, and where a thread has begun that nobody knows of yet, so that none ends it.
    """
    while frame is not None:
        name, owner = frame.f_code.co_name, frame.f_locals.get("self")
        if (
            name.startswith("vio_")
            or (name == "exec_module" and isinstance(owner, ExtensionFileLoader))
            or (name == "start" and isinstance(owner, Thread))
            or (name == "_adjust_thread_count" and isinstance(owner, ThreadPoolExecutor))
        ):
            return True
        frame = frame.f_back
    return False
