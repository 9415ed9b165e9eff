"""Songs, workers without processes, and a tracker that does as it is told, for tests of batches."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from attrs import evolve
from toy_plugin import installed_toy

from autovoice_core import Audio, VoiceProfile, using
from autovoice_core.batch.manifest import NAME, Record
from autovoice_core.batch.work import Event, Job, Outcome, Setup
from autovoice_core.batch.worker import BatchWorker
from autovoice_core.cli import main

TOY = "toy/steady"
"""The tracker of :func:`toys`."""
RATE = 8000
_OFFERS = """
from attrs import frozen
from autovoice_core.backends import Device, Licence, Offer, Quality, hookimpl, setting


@frozen
class Settings:
    hz: float = setting(200.0, help="the pitch it hears", low=50.0, high=1000.0)


def offer(name, **more):
    return Offer(
        name=name,
        load=f"toynet.opening:open_{name}",
        devices=("cpu", "pretended"),
        quality=Quality.DRAFT,
        licence=Licence("MIT"),
        opt_in=True,
        **more,
    )


@hookimpl
def autovoice_devices():
    yield Device(kind="pretended", probe="toynet.opening:has_pretended")


@hookimpl
def autovoice_pitch_estimators():
    yield offer("steady", settings=Settings)


@hookimpl
def autovoice_separators():
    yield offer("halver")


@hookimpl
def autovoice_converters():
    yield offer("gain")
"""
_OPENING = """
import os
from pathlib import Path
from batch_toys import Gain as _Gain
from batch_toys import Steady
from batch_toys import Halver

FOLDER = Path({folder!r})


class Gain(_Gain):
    feature_id = "1"


def has_pretended():
    return bool(os.environ.get("CUDA_VISIBLE_DEVICES"))  # as Ray sets it for a worker with a GPU


def open_steady(*, device, dtype, fmin, fmax, settings):
    return Steady(settings.hz, FOLDER)


def open_halver(*, device, dtype):
    return Halver()


def open_gain(*, device, dtype):
    return Gain()
"""


@contextmanager
def toys(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install backends that cost no time, for worker processes too, and name them all.

    Yields the folder in which the tracker leaves traces: see :class:`batch_toys.Steady`.
    """
    traces = folder / "traces"
    traces.mkdir(parents=True)
    opening = _OPENING.format(folder=str(traces))
    with installed_toy(folder / "site", monkeypatch, _OFFERS, opening):
        # Children of a test need no path of pytest's own for it.
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
        with using(pitch=TOY, separation="toy/halver", conversion="toy/gain"):
            yield traces


def ada(**changes: Any) -> VoiceProfile:
    """Return a voice that the toy converter sings."""
    features = {"weights": np.arange(3, dtype=np.float32)}
    voice = VoiceProfile("Ada", features, "toynet/1", (100.0, 200.0, 300.0), -20, 9, ())
    return evolve(voice, **changes)


def hum(path: Path, hz: float = 200.0, rate: int = RATE) -> Path:
    """Write six tenths of a second of a tone; another pitch is another content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(rate * 6 // 10) / rate
    Audio((0.3 * np.sin(2 * np.pi * hz * time)).astype(np.float32)[None], rate).save(path)
    return path


def hums(folder: Path, *names: str) -> Path:
    """Write several, each at a pitch of its own; return their folder."""
    for number, name in enumerate(names):
        hum(folder / name, 200.0 + 10.0 * number)
    return folder


class InProcess:
    """Does the jobs in this process, one after the other."""

    shares_machine: ClassVar[bool] = True

    def __init__(self, *, ship: bool = False) -> None:
        self.ship = ship
        self.setup: Setup | None = None
        self.workers: int | None = None
        self.done: list[str] = []

    def run(
        self,
        setup: Setup,
        jobs: Sequence[Job],
        workers: int | None,
        tell: Callable[[Event], None],
    ) -> Generator[Outcome, None, None]:
        self.setup, self.workers = setup, workers
        context = copy_context()
        worker = context.run(BatchWorker, setup)
        try:
            for job in jobs:
                self.done.append(job.name)
                yield context.run(worker.do, sent(job) if self.ship else job, tell)
        finally:
            context.run(worker.close)


def sent(job: Job) -> Job:
    """Return a job with the content of its song."""
    content = Path(job.path).read_bytes()
    return Job(job.number, job.name, job.path, job.out, job.settings, content)


def record(song: str = "a.wav", **values: Any) -> Record:
    """Return a record of a song that is done, but for ``values``."""
    plain: dict[str, Any] = {
        "song": song,
        "path": song,
        "size": 1,
        "mtime_ns": 1,
        "input": "0" * 64,
        "settings": "1" * 64,
        "outputs": {"a.csv": 10},
    }
    return Record(**plain | values)


def contents(folder: Path) -> Mapping[str, str]:
    """Return digests of all files at any depth of ``folder``, but for what a batch keeps there."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and NAME not in path.name
    }


def processes_of(text: str) -> set[int]:
    """Return the processes, of any parent, that have ``text`` in their environment."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if text.encode() in path.read_bytes():
                found.add(int(path.parent.name))
        except OSError:
            continue
    return found - {os.getpid()}


def kill(pid: int) -> None:
    """Kill a process as the system does where memory runs out."""
    os.kill(pid, signal.SIGKILL)


def batch(songs: Path, out: Path, *options: str, task: str = "pitch") -> int:
    """Run ``autovoice batch`` in this process; return its exit code."""
    return main(["batch", str(songs), "--out", str(out), "--task", task, *options])
