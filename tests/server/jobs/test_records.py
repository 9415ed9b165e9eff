from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest
from job_runs import pitch_of, refused, running_jobs, send, stopped_worker, until

from autovoice_core import StorageError
from autovoice_core.server.jobs.database import Database

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="finds worker processes by /proc"
)


def test_jobs_and_results_outlive_a_restart_and_what_ran_or_waited_is_done_then(
    tmp_path: Path, vocal_file: Path
) -> None:
    async def run() -> None:
        async with running_jobs(tmp_path) as service:
            await send(service, vocal_file)
            done = await until(service, (await service.submit(pitch_of())).id)
            await stopped_worker()
            running, waiting = [await service.submit(pitch_of()) for _ in range(2)]
            await until(service, running.id, "running")
        async with running_jobs(tmp_path) as service:
            assert service.get(done.id) == done
            assert service.output_path(done.id, "pitch")[0].stat().st_size > 1000
            for job in (running, waiting):
                assert (await until(service, job.id)).state == "done"
            assert [job.id for job in service.list()] == [done.id, running.id, waiting.id]

    asyncio.run(run())


def test_a_job_whose_disk_was_full_when_it_ended_is_written_later(
    tmp_path: Path, vocal_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = StorageError("jobs.db: writing stopped (database or disk is full)")
    call = Database.call

    async def refuse(self: Database, method: object, *args: object) -> object:
        if getattr(method, "__name__", "") == "save_job":
            raise full
        return await call(self, method, *args)  # type: ignore[arg-type]

    async def run() -> None:
        async with running_jobs(tmp_path) as service:
            await send(service, vocal_file)
            pid = await stopped_worker()
            job = await service.submit(pitch_of())
            await until(service, job.id, "running")
            with monkeypatch.context() as patch:
                patch.setattr(Database, "call", refuse)
                assert (await refused(service, pitch_of())).status == 507
                os.kill(pid, signal.SIGCONT)
                assert (await until(service, job.id)).state == "done"
            await service._retention.sweep()
        async with running_jobs(tmp_path) as service:
            assert service.get(job.id).state == "done"

    asyncio.run(run())
