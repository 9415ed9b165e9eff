"""A worker process of the local engine: ``python -m autovoice_core.batch.engines.process``.

The first line of JSON on standard input is the setup, each further one a job; lines of JSON on
standard output tell of progress and outcomes. When its input ends, as where the batch was killed, a
process in mid-job ends with all that it has started.
"""

from __future__ import annotations

import gc
import json
import signal
from pathlib import Path
from threading import Event as Flag
from threading import Lock
from typing import Any

from attrs import asdict

from autovoice_core._worker_process import end_at_once, private_pipes, tasks_from
from autovoice_core.batch.work import Event, Job, Outcome, Settings, Setup
from autovoice_core.batch.worker import BatchWorker
from autovoice_core.memory.limit import MemoryLimit


def main() -> None:
    """Do jobs until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the batch ends its workers
    requests, answers = private_pipes()
    lock, busy = Lock(), Flag()

    def send(message: Event | Outcome) -> None:
        try:
            with lock:
                answers.write(f"{json.dumps(asdict(message))}\n")
                answers.flush()
        except BrokenPipeError:
            end_at_once()

    setup = requests.readline()
    if not setup:
        return
    # Only now: the first job may come before the worker is made, and must not be called done.
    tasks = tasks_from(requests, busy)
    worker = BatchWorker(_setup_of(json.loads(setup)))
    for done, task in enumerate(iter(tasks.get, None)):
        settings = Settings(**task["settings"])
        outcome = worker.do(Job(**{**task, "settings": settings}), send)
        busy.clear()  # before the next job can come
        send(outcome)
        gc.collect()
        if done == 0:
            gc.freeze()  # backends and voices need not be looked through after every job


def _setup_of(values: dict[str, Any]) -> Setup:
    voices = {digest: Path(path).read_bytes() for digest, path in values["voices"].items()}
    limit = values["memory_limit"]
    limit = None if limit is None else MemoryLimit(**limit)
    return Setup(**{**values, "voices": voices, "memory_limit": limit})


if __name__ == "__main__":
    main()
