"""Interrupts by the user, told from what a plugin raises by itself."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb
from types import FrameType


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
