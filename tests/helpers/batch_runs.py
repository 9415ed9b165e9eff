"""Songs, workers without processes, and a tracker that does as it is told, for tests of batches."""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from toy_plugin import installed_toy

from autovoice_core import Audio
from autovoice_core.batch.manifest import NAME, Record
from autovoice_core.batch.work import Event, Job, Outcome, Setup
from autovoice_core.batch.worker import BatchWorker

TOY = "toy/steady"
"""The tracker of :func:`toy_tracker`."""
RATE = 8000
KILLS, KILLS_ONCE, FAILS, WAITS = 8001, 8002, 8003, 8004
"""Sample rates of songs over which the toy kills its process, always or once; which it fails to
track; and which it holds until there is a file ``go`` in its folder."""

_OFFERS = """
from attrs import frozen
from autovoice_core.backends import Licence, Offer, Quality, hookimpl, setting


@frozen
class Settings:
    hz: float = setting(200.0, help="the pitch it hears", low=50.0, high=1000.0)


@hookimpl
def autovoice_pitch_estimators():
    yield Offer(
        name="steady",
        load="toynet.opening:open_steady",
        devices=("cpu",),
        quality=Quality.DRAFT,
        licence=Licence("MIT"),
        settings=Settings,
        opt_in=True,
    )
"""
_OPENING = """
import os, signal, time
from pathlib import Path
import numpy as np
from autovoice_core import PitchFrames

FOLDER = Path({folder!r})


class Steady:
    context = 0.0

    def __init__(self, hz):
        self.hz = hz

    def grid(self, sample_rate):
        return 1

    def estimate(self, audio, centres):
        (FOLDER / f"{{audio.sample_rate}}.{{os.getpid()}}").touch()
        if audio.sample_rate == 8001 or (audio.sample_rate == 8002 and self.is_first()):
            os.kill(os.getpid(), signal.SIGKILL)
        if audio.sample_rate == 8003:
            raise RuntimeError("the sound is odd")
        while audio.sample_rate == 8004 and not (FOLDER / "go").exists():
            time.sleep(0.01)
        frames = len(centres)
        return PitchFrames(
            np.full(frames, self.hz), np.ones(frames, bool), np.ones(frames, np.float32)
        )

    def is_first(self):
        try:
            (FOLDER / "once").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


def open_steady(*, device, dtype, fmin, fmax, settings):
    return Steady(settings.hz)
"""


@contextmanager
def toy_tracker(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install :data:`TOY`, for worker processes too; yield the folder in which it leaves traces.

    Each song leaves a file there, ``<sample rate>.<process>``.
    """
    traces = folder / "traces"
    traces.mkdir(parents=True)
    opening = _OPENING.format(folder=str(traces))
    with installed_toy(folder / "site", monkeypatch, _OFFERS, opening):
        monkeypatch.setenv("AUTOVOICE_PLUGINS", "all")
        yield traces


def hum(path: Path, hz: float = 200.0, rate: int = RATE) -> Path:
    """Write a fifth of a second of a tone; another pitch is another content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(rate // 5) / rate
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
        for job in jobs:
            self.done.append(job.name)
            yield context.run(worker.do, sent(job) if self.ship else job, tell)


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
