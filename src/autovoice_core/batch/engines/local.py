"""``LocalEngine``: worker processes on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Thread
from typing import Any, ClassVar

from attrs import asdict, evolve

from autovoice_core._worker_process import (
    OWN_GROUP,
    exit_text,
    kill_group,
    thread_limits,
    worker_environment,
)
from autovoice_core.audio.temporary import temporary_folder, temporary_writes
from autovoice_core.batch.work import Event, Job, Outcome, Setup

ATTEMPTS = 2
"""Workers that may be lost over one job before it counts as failed."""


class LocalEngine:
    """Processes of this machine, each with its share of the cores and of the memory."""

    shares_machine: ClassVar[bool] = True

    def run(
        self,
        setup: Setup,
        jobs: Sequence[Job],
        workers: int | None,
        tell: Callable[[Event], None],
    ) -> Generator[Outcome, None, None]:
        """Yield outcomes; see :class:`~autovoice_core.batch.engines.BatchEngine`."""
        waiting: SimpleQueue[Job] = SimpleQueue()
        for job in jobs:
            waiting.put(job)
        ended: SimpleQueue[Outcome | BaseException] = SimpleQueue()
        with temporary_folder() as folder:
            written = _written(setup, folder)
            processes = [_Process(written) for _ in range(workers or 1)]
            threads = [
                Thread(target=_serve, args=(process, waiting, ended, tell), daemon=True)
                for process in processes
            ]
            for thread in threads:
                thread.start()
            try:
                for _ in jobs:
                    outcome = ended.get()
                    if isinstance(outcome, BaseException):
                        raise outcome
                    yield outcome
            finally:
                for process in processes:
                    process.kill()
                for thread in threads:
                    thread.join()


def _written(setup: Setup, folder: Path) -> dict[str, Any]:
    """Return ``setup`` as plain values, with the voices in files of ``folder``."""
    voices = {}
    for digest, content in setup.voices.items():
        path = folder / digest
        with temporary_writes(folder):
            path.write_bytes(content)
        voices[digest] = str(path)
    return {**asdict(evolve(setup, voices={})), "voices": voices}


def _serve(
    process: _Process,
    waiting: SimpleQueue[Job],
    ended: SimpleQueue[Outcome | BaseException],
    tell: Callable[[Event], None],
) -> None:
    """Have a process do jobs until there are no more; a lost one is replaced."""
    try:
        with suppress(Empty):
            while not process.killed.is_set():
                ended.put(_done(process, waiting.get_nowait(), tell))
    except BaseException as error:  # noqa: BLE001  # raised by the driver's thread
        ended.put(error)
    finally:
        process.kill()
        process.clear()


def _done(process: _Process, job: Job, tell: Callable[[Event], None]) -> Outcome:
    """Return the outcome of a job, for which a second worker is tried if the first is lost."""
    for _ in range(ATTEMPTS):
        outcome = process.do(job, tell)
        if outcome is not None:
            return outcome
        if process.killed.is_set():
            break
    text = f"its worker process {exit_text(process.code)}, twice; use fewer workers, or set a "
    return Outcome(job.number, error=f"{text}memory limit")


class _Process:
    """A process of :mod:`autovoice_core.batch.engines.process`, started when there is a job."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self._setup = setup
        self._process: subprocess.Popen[str] | None = None
        self.killed = Flag()
        self.code = 0

    def do(self, job: Job, tell: Callable[[Event], None]) -> Outcome | None:
        """Return the outcome of a job; None if the process ended."""
        process = self._process if self._process is not None else self._start()
        assert process.stdin is not None  # noqa: S101  # for mypy: they are pipes
        assert process.stdout is not None  # noqa: S101
        with suppress(OSError):  # its end is seen below
            process.stdin.write(f"{json.dumps(asdict(job))}\n")
            process.stdin.flush()
        for line in process.stdout:
            message = _message(line)
            if message is None or message.number != job.number:
                kill_group(process)
                break
            if isinstance(message, Outcome):
                return message
            tell(message)
        self.clear()
        return None

    def kill(self) -> None:
        """End the process, and those it has started, at once; by any thread."""
        self.killed.set()
        process = self._process
        if process is not None and process.poll() is None:
            kill_group(process)

    def clear(self) -> None:
        """Wait for the end of the process, and close its pipes."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(OSError), process:  # what it was not sent is gone
                self.code = process.wait()

    def _start(self) -> subprocess.Popen[str]:
        process = self._process = subprocess.Popen(
            # -P: the folder that the batch was started in is no place for modules.
            [sys.executable, "-P", "-m", "autovoice_core.batch.engines.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=worker_environment() | thread_limits(self._setup["threads"]),
            **OWN_GROUP,
        )
        if self.killed.is_set():  # as it started
            self.kill()
        assert process.stdin is not None  # noqa: S101
        with suppress(OSError):
            process.stdin.write(f"{json.dumps(self._setup)}\n")
        return process


def _message(line: str) -> Event | Outcome | None:
    """Return what a process tells; None where it was killed as it wrote, or another wrote there."""
    try:
        values: dict[str, Any] = json.loads(line) if line.endswith("\n") else {}
        return Event(**values) if "stage" in values else Outcome(**values)
    except (ValueError, TypeError, RecursionError):
        return None
