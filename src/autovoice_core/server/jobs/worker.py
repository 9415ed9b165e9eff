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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from threading import Event
from typing import IO, Any

from autovoice_core._worker_process import end_at_once, private_pipes, tasks_from, warnings_to
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
            end_at_once()

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
    requests, answers = private_pipes()
    _stand_back(niceness)
    busy = Event()
    tasks = tasks_from(requests, busy)
    module = import_module(f"autovoice_core.server.jobs.{kind}")
    module.warm_up()
    for task in iter(tasks.get, None):
        report = Report(answers)
        try:
            with _in_folder(Path(task["folder"])), warnings_to(report.warn):
                result = module.TASKS[task["task"]](task, report)
        except Exception as error:  # noqa: BLE001  # a fault costs its task alone
            code, message = failure(error)
            if code == "failed":
                traceback.print_exc()
            busy.clear()  # before the next task can come
            report.send(type="failed", code=code, message=message)
        else:
            busy.clear()
            report.send(type="done", warnings=report.warnings, **result)
        gc.collect()


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


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
