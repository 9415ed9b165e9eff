from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import NoReturn

import pytest
from job_runs import (
    RunWithSong,
    pitch_of,
    running_jobs,
    send,
    stopped_worker,
    until,
    work_left,
    worker_pids,
)

from autovoice_core.server.jobs import runner
from autovoice_core.server.jobs.service import JobService
from autovoice_core.server.jobs.supervisor import Worker

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="finds worker processes by /proc"
)


def test_a_killed_worker_costs_its_own_job_and_is_replaced(
    tmp_path: Path, with_song: RunWithSong
) -> None:
    async def run(service: JobService) -> None:
        pid = await stopped_worker()
        first, second = [await service.submit(pitch_of()) for _ in range(2)]
        await until(service, first.id, "running")
        os.kill(pid, signal.SIGKILL)
        failed = await until(service, first.id)
        assert failed.error is not None
        assert (failed.state, failed.error.code) == ("failed", "worker_died")
        assert (await until(service, second.id)).state == "done"
        assert await worker_pids() != {pid}
        names = {path.name for path in work_left(tmp_path)}
        assert names == {second.id}

    with_song(run)


def test_an_idle_worker_that_is_killed_is_replaced_and_costs_no_job(with_song: RunWithSong) -> None:
    async def run(service: JobService) -> None:
        (pid,) = await worker_pids()
        os.kill(pid, signal.SIGKILL)
        await worker_pids(but={pid})
        job = await service.submit(pitch_of())
        assert (await until(service, job.id)).state == "done"

    with_song(run)


def test_a_job_that_takes_too_long_fails(with_song: RunWithSong) -> None:
    async def run(service: JobService) -> None:
        await stopped_worker()
        job = await until(service, (await service.submit(pitch_of())).id)
        assert job.error is not None
        assert (job.state, job.error.code) == ("failed", "timeout")

    with_song(run, job_seconds=0.05)


def test_where_no_process_can_be_started_jobs_wait_until_one_can(
    tmp_path: Path, vocal_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()
    start = Worker.start

    async def refuse(worker: Worker) -> NoReturn:
        begun.set()
        raise OSError("too many processes")

    async def run() -> None:
        monkeypatch.setattr(runner, "MIN_PAUSE_SECONDS", 0.01)
        with monkeypatch.context() as patch:
            patch.setattr(Worker, "start", refuse)
            async with running_jobs(tmp_path) as service:
                await begun.wait()
                patch.setattr(Worker, "start", start)
                await send(service, vocal_file)
                job = await service.submit(pitch_of())
                assert (await until(service, job.id)).state == "done"

    asyncio.run(run())


def test_a_worker_that_ends_again_and_again_is_replaced_ever_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep
    long_enough = asyncio.Event()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 9:
            long_enough.set()
            await sleep(60)

    async def end_at_once(worker: Worker) -> None:
        await start(worker)
        worker.kill()

    start = Worker.start

    async def run() -> None:
        monkeypatch.setattr(runner, "pause", pause)
        monkeypatch.setattr(Worker, "start", end_at_once)
        async with running_jobs(tmp_path):
            await long_enough.wait()
        assert pauses == [0, 1, 2, 4, 8, 16, 32, 60, 60]

    asyncio.run(run())
