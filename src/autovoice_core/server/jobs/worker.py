"""The worker process: ``python -m autovoice_core.server.jobs.worker songs 19``, a task at a time.

A task comes as a line of JSON on standard input; lines of JSON on standard output tell of its
progress and its end. ``songs`` or ``inspection`` names the module of the tasks, and the number is
how far the process stands back for others, as ``nice`` counts. When its input ends, which a server
that is killed can't prevent, a worker in mid-task ends with all processes that it has started.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from typing import IO, Any

from autovoice_core._errors import AutoVoiceWarning
from autovoice_core.server.jobs.failures import failure
from autovoice_core.server.jobs.folders import SCRATCH

PROGRESS_SECONDS = 0.25
"""Time between two lines that tell of the progress of one stage."""
IDLE_NICENESS = 19
"""Niceness of a process (0 to 19) that is to run only while a core is idle."""

Task = Mapping[str, Any]


class Report:
    """Tells the server what a task does, and collects the warnings that it gives."""

    def __init__(self, answers: IO[str]) -> None:
        self._answers = answers
        self._told: tuple[str, float] = "", 0.0
        self.warnings: list[str] = []

    def send(self, **message: Any) -> None:
        """Write one line; where the server is gone, this process ends."""
        try:
            self._answers.write(f"{json.dumps(message)}\n")
            self._answers.flush()
        except BrokenPipeError:
            _end_at_once()

    def progress(self, stage: str, fraction: float) -> None:
        """Tell of the stage and the fraction of the whole that is done."""
        told_stage, told = self._told
        now = time.monotonic()
        if stage != told_stage or now - told >= PROGRESS_SECONDS:
            self._told = stage, now
            self.send(type="progress", stage=stage, progress=round(fraction, 4))

    def warn(self, message: str) -> None:
        """Tell of a warning."""
        self.warnings.append(message)
        self.send(type="log", message=message)


def main(kind: str, niceness: int) -> None:
    """Do tasks of ``kind`` until there are no more, at this distance to other processes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends its workers
    requests, answers = _private_pipes()
    _stand_back(niceness)
    busy = Event()
    tasks = _read_in_background(requests, busy)
    module = import_module(f"autovoice_core.server.jobs.{kind}")
    module.warm_up()
    for task in iter(tasks.get, None):
        report = Report(answers)
        try:
            with _in_folder(Path(task["folder"])), _warnings_to(report):
                result = module.TASKS[task["task"]](task, report)
        except Exception as error:  # noqa: BLE001  # a fault costs its task alone
            code, message = failure(error)
            if code == "failed":
                traceback.print_exc()
            report.send(type="failed", code=code, message=message)
        else:
            report.send(type="done", warnings=report.warnings, **result)
        gc.collect()
        busy.clear()


def _private_pipes() -> tuple[IO[str], IO[str]]:
    """Return the pipes of this process alone; what others print goes to standard error."""
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return requests, answers


def _stand_back(niceness: int) -> None:
    """Let everything else go first: live streams, and what the user does."""
    if sys.platform == "win32":
        return
    os.nice(niceness)
    if niceness == IDLE_NICENESS and hasattr(os, "SCHED_IDLE"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    # If memory runs out, the system ends a worker before the server.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def _read_in_background(requests: IO[str], busy: Event) -> SimpleQueue[Task | None]:
    """Return a queue of the tasks that come; None is the end."""
    tasks: SimpleQueue[Task | None] = SimpleQueue()

    def read() -> None:
        for line in requests:
            busy.set()
            tasks.put(json.loads(line))
        if busy.is_set():
            _end_at_once()
        tasks.put(None)

    Thread(target=read, daemon=True).start()
    return tasks


def _end_at_once() -> None:
    """End this process and those it has started, which share its group."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


@contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    """Work in ``folder``, with temporary files in a folder there that is removed afterwards."""
    scratch = folder / SCRATCH
    scratch.mkdir(exist_ok=True)
    os.chdir(folder)
    tempfile.tempdir = os.environ["TMPDIR"] = str(scratch)
    try:
        yield
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        os.chdir(folder.anchor)


@contextmanager
def _warnings_to(report: Report) -> Iterator[None]:
    """Send warnings of the library to the server, inside."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", AutoVoiceWarning)
        show = warnings.showwarning

        def tell(message: Any, category: type[Warning], *place: Any, **more: Any) -> None:
            if issubclass(category, AutoVoiceWarning):
                report.warn(str(message))
            else:
                show(message, category, *place, **more)

        warnings.showwarning = tell
        yield


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
