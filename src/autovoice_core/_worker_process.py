"""Both ends of a worker process of ours: lines of JSON in and out, and an end with its parent's."""

from __future__ import annotations

import json
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from threading import Event, Thread
from typing import IO, Any, Protocol

from autovoice_core._errors import AutoVoiceWarning
from autovoice_core._threads import VARIABLE

_THREADS_OF = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


# Not a session of its own: where the system shares out processors by sessions, processes of the
# lowest priority would count as much.
OWN_GROUP: dict[str, Any] = {} if sys.platform == "win32" else {"process_group": 0}
"""Options that start a process in a group of its own, so that Ctrl-C reaches its parent alone."""


class Process(Protocol):
    """A process, of :mod:`subprocess` or of :mod:`asyncio`."""

    @property
    def pid(self) -> int:
        """Its number."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...


def kill_group(process: Process) -> None:
    """End a process that leads a group of its own, and those it has started, at once."""
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


def thread_limits(threads: int) -> dict[str, str]:
    """Return environment variables for ``threads`` of ours and of libraries.

    Libraries read them when they are imported.
    """
    return dict.fromkeys((VARIABLE, *_THREADS_OF), str(threads))


def worker_environment() -> dict[str, str]:
    """Return the environment in which a worker process finds the modules that this one does."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def exit_text(code: int) -> str:
    """Return how a process with this exit code ended, as the end of a sentence."""
    if code >= 0:
        return f"ended with exit code {code}"
    name = signal.Signals(-code).name
    cause = ", perhaps as memory ran out" if name == "SIGKILL" else ""
    return f"was killed by {name}{cause}"


def private_pipes() -> tuple[IO[str], IO[str]]:
    """Return the pipes of this process alone; what others print goes to standard error."""
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return requests, answers


def tasks_from(requests: IO[str], busy: Event) -> SimpleQueue[Mapping[str, Any] | None]:
    """Return a queue of the tasks that come; None is the end.

    ``busy`` is set as one comes, for the caller to clear: where the input ends in mid-task, as the
    parent is gone, this process ends at once.
    """
    tasks: SimpleQueue[Mapping[str, Any] | None] = SimpleQueue()

    def read() -> None:
        for line in requests:
            busy.set()
            tasks.put(json.loads(line))
        if busy.is_set():
            end_at_once()
        tasks.put(None)

    Thread(target=read, daemon=True).start()
    return tasks


def end_at_once() -> None:
    """End this process and those it has started, which share its group."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


@contextmanager
def warnings_to(tell: Callable[[str], None]) -> Iterator[None]:
    """Give the text of each warning of this library to ``tell``, inside."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", AutoVoiceWarning)
        show = warnings.showwarning

        def take(message: Any, category: type[Warning], *place: Any, **more: Any) -> None:
            if issubclass(category, AutoVoiceWarning):
                tell(str(message))
            else:
                show(message, category, *place, **more)

        warnings.showwarning = take
        yield
