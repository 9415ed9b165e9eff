from __future__ import annotations

import time
from collections.abc import Iterator
from contextvars import Context
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from batch_runs import hum

from autovoice_core import Need, Quality
from autovoice_core._errors import InputError
from autovoice_core.batch import worker as worker_module
from autovoice_core.batch.work import Event, Job, Outcome, Settings, Setup
from autovoice_core.batch.worker import BatchWorker, do_job, need_as_values

pytestmark = pytest.mark.usefixtures("toy")
TRACKS = Settings("pitch", {"suffix": ".csv"}, None, {"pitch": "toy/steady"}, {})


@pytest.fixture
def worker() -> Iterator[BatchWorker]:
    worker = BatchWorker(setup())
    yield worker
    worker.close()


def setup(need: Need | None = None) -> Setup:
    return Setup({}, need_as_values(need or Need()), None, 1, overwrite=True)


def job(song: Path, settings: Settings = TRACKS) -> Job:
    return Job(0, song.name, str(song), str(song.parent / "out"), settings)


def test_a_need_crosses_over_as_json_has_it(tmp_path: Path) -> None:
    need = Need(
        devices=("cpu",),
        max_latency=0.1,
        min_quality=Quality.DRAFT,
        licences=("MIT",),
        plugins=("toy",),
    )
    values = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in need_as_values(need).items()
    }
    assert values["min_quality"] == "DRAFT"
    assert worker_module._need_of(values) == need


def test_a_song_that_can_not_be_read_is_told(worker: BatchWorker, tmp_path: Path) -> None:
    song = tmp_path / "x.wav"
    outcome = worker.do(job(song))
    assert (outcome.input, outcome.outputs) == (None, {})
    assert outcome.error == (
        f"{song}: can't be read (No such file or directory); check the path and its permissions"
    )


def test_a_backend_that_this_machine_lacks_is_told_in_a_sentence(
    worker: BatchWorker, tmp_path: Path
) -> None:
    settings = Settings("pitch", {"suffix": ".csv"}, None, {"pitch": "toy/none"}, {})
    outcome = worker.do(job(hum(tmp_path / "x.wav"), settings))
    assert outcome.error is not None
    assert outcome.error.startswith(
        "backend 'toy/none', named by the batch, is not among the offers for pitch"
    )
    assert "\n" not in outcome.error


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (MemoryError(), "memory ran out; use fewer workers, or set a memory limit"),
        (OSError(28, "No space left on device"), "the disk: No space left on device"),
        (OSError(13, "Permission denied", "x.csv"), "x.csv: Permission denied"),
    ],
)
def test_an_error_of_the_machine_is_told_in_a_sentence(
    worker: BatchWorker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    text: str,
) -> None:
    assert failing(worker, tmp_path, monkeypatch, error).error == text


def test_an_error_that_nobody_foresaw_is_told_with_its_place(
    worker: BatchWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = failing(worker, tmp_path, monkeypatch, KeyError("hop")).error
    assert error is not None
    start, end = "an unexpected KeyError (test_worker.py:", ": 'hop'); please report it"
    assert error.startswith(start)
    assert error.endswith(end)
    assert error.removeprefix(start).removesuffix(end).isdigit()


def failing(
    worker: BatchWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> Outcome:
    """Return the outcome of a song whose operation raises ``error``."""

    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(worker_module, "perform", fail)
    return worker.do(job(hum(tmp_path / "x.wav")))


def test_progress_is_told_a_few_times_a_second_and_at_each_stage(
    worker: BatchWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def perform(*_: Any, progress: Any, **__: Any) -> tuple[str, ...]:
        for stage, fraction in [("pitch", 0.0), ("pitch", 0.1), ("remix", 0.2), ("remix", 0.33333)]:
            progress(stage, fraction)
        now[0] += worker_module.MIN_PROGRESS_SECONDS
        progress("remix", 0.44444)
        raise MemoryError

    monkeypatch.setattr(worker_module, "perform", perform)
    told: list[Event] = []
    worker.do(job(hum(tmp_path / "x.wav")), told.append)
    assert told == [Event(0, "pitch", 0.0), Event(0, "remix", 0.2), Event(0, "remix", 0.4444)]


@pytest.mark.parametrize(
    ("error", "passing", "is_full"),
    [
        (OSError(13, "Permission denied", "x.csv"), True, False),
        (OSError(28, "No space left on device"), True, True),
        (MemoryError(), True, False),
        (KeyError("hop"), False, False),
    ],
)
def test_failures_that_are_not_the_songs_own_are_told_apart(
    worker: BatchWorker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    passing: bool,
    is_full: bool,
) -> None:
    told = InputError("it failed")
    told.__cause__ = error
    outcome = failing(worker, tmp_path, monkeypatch, told)
    assert (outcome.error, outcome.passing, outcome.is_full) == ("it failed", passing, is_full)


def test_a_process_keeps_its_worker_for_the_jobs_of_one_setup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []

    class Told(BatchWorker):
        def __init__(self, setup: Setup) -> None:
            super().__init__(setup)
            events.append(f"made with {setup.threads}")

        def close(self) -> None:
            super().close()
            events.append("closed")

    monkeypatch.setattr(worker_module, "BatchWorker", Told)
    monkeypatch.setattr(worker_module, "_kept", [])
    song = job(hum(tmp_path / "x.wav"))
    for threads in (1, 1, 2):
        # Executors may run each job in a context of its own.
        outcome = Context().run(do_job, evolve(setup(), threads=threads), song)
        assert (outcome.error, list(outcome.outputs)) == (None, ["x.csv"])
    assert events == ["made with 1", "closed", "made with 2"]
    worker_module._let_go()
    assert events[3:] == ["closed"]


def test_a_song_that_may_not_be_read_is_tried_again(
    worker: BatchWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(worker_module, "digest_of_file", refuse)
    outcome = worker.do(job(hum(tmp_path / "x.wav")))
    assert outcome.passing
    assert outcome.error == (
        f"{tmp_path / 'x.wav'}: can't be read (Permission denied); check the path and its "
        "permissions"
    )
