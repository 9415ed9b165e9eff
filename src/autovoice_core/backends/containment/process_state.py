"""State of the process that a plugin may leave changed, and that can be read and put back."""

from __future__ import annotations

import locale
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import frozen

_UMASK_LINE = "Umask:"
_PROCESS_FILE = Path("/proc/self/status")
_umask_lock = threading.Lock()
_SIGNALS = [
    getattr(signal, f"SIG{name}")
    for name in ("INT", "TERM", "BREAK", "HUP", "QUIT", "PIPE", "CHLD", "ALRM", "USR1", "USR2")
    if hasattr(signal, f"SIG{name}")
]
"""Those that programs handle."""


@frozen
class Part:
    """One part of the state: ``read`` returns it, or None where it can't be known."""

    name: str
    read: Callable[[], Any]
    put_back: Callable[[Any], object]


def _numpy(module: str) -> Any:
    """Return a module of NumPy if it is imported, as no plugin can have changed it otherwise."""
    return sys.modules.get(module)


def _error_handling() -> Any:
    numpy = _numpy("numpy")
    return numpy and getattr(numpy, "geterr", dict)()  # while it is imported, it has no such name


def _working_directory() -> str | None:
    with suppress(OSError):  # it was deleted
        return os.getcwd()  # noqa: PTH109  # a tenth of the time of Path.cwd
    return None


def _signal_handlers() -> dict[int, Any] | None:
    if threading.current_thread() is not threading.main_thread():
        return None  # only the main thread can change them
    return {number: signal.getsignal(number) for number in _SIGNALS}


def _put_signal_handlers_back(before: dict[int, Any]) -> None:
    for number, handler in before.items():
        # None is a handler that was not set by Python, and can't be.
        if handler is not None and signal.getsignal(number) != handler:
            signal.signal(number, handler)


def _is_alone() -> bool:
    """Whether no other thread may draw random numbers meanwhile."""
    return threading.active_count() == 1


def _python_random() -> Any:
    module = sys.modules.get("random")
    return module.getstate() if module and _is_alone() else None


def _numpy_random() -> Any:
    module = _numpy("numpy.random")
    if module is None or not hasattr(module, "get_state") or not _is_alone():
        return None
    kind, key, *rest = module.get_state()
    return kind, key.tobytes(), *rest


def _put_numpy_random_back(state: Any) -> None:
    import numpy as np  # it is imported already

    kind, key, *rest = state
    np.random.set_state((kind, np.frombuffer(key, np.uint32), *rest))  # noqa: NPY002


def _umask() -> int | None:
    with suppress(OSError, ValueError):
        for line in _PROCESS_FILE.read_text().splitlines():
            if line.startswith(_UMASK_LINE):
                return int(line.removeprefix(_UMASK_LINE), 8)
    # Elsewhere it is only told when it is set: to the strictest, as other threads make files.
    with _umask_lock:
        before = os.umask(0o077)
        os.umask(before)
    return before


QUICK = (
    Part("NumPy's error handling", _error_handling, lambda state: _numpy("numpy").seterr(**state)),
    Part("the working directory", _working_directory, os.chdir),
)
"""The parts that a call may always have compared: reading them takes a few microseconds."""

ALL = (
    *QUICK,
    Part("the handlers of signals", _signal_handlers, _put_signal_handlers_back),
    Part("Python's random state", _python_random, lambda s: sys.modules["random"].setstate(s)),
    Part("NumPy's random state", _numpy_random, _put_numpy_random_back),
    Part("the umask", _umask, os.umask),
    Part(
        "the locale",
        lambda: locale.setlocale(locale.LC_ALL),
        lambda state: locale.setlocale(locale.LC_ALL, state),
    ),
)
"""All parts; reading them takes up to a millisecond."""


def put_back(parts: tuple[Part, ...], before: list[Any]) -> Iterator[str]:
    """Yield the name of each part that differs from ``before``, once it is as before again."""
    for part, state in zip(parts, before, strict=True):
        if state is None or (now := part.read()) is None or now == state:
            continue
        with suppress(OSError, ValueError, locale.Error):  # a folder that is gone, for example
            part.put_back(state)
        yield part.name
