from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from job_runs import is_alive
from waiting import PATIENCE

from autovoice_core.server.jobs.failures import TaskError
from autovoice_core.server.jobs.supervisor import Worker, WorkerKind

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@asynccontextmanager
async def started(kind: WorkerKind = "inspection", niceness: int = 0) -> AsyncIterator[Worker]:
    worker = Worker(kind, niceness)
    await worker.start()
    try:
        yield worker
    finally:
        await worker.close()


def inspection_of(file: Path, **limits: Any) -> dict[str, Any]:
    task = {"task": "inspect", "folder": str(file.parent), "name": file.name}
    return {**task, "max_seconds": 60, "max_bytes": 10**8, **limits}


def pid_of(worker: Worker) -> int:
    assert worker.pid is not None
    return worker.pid


def test_a_worker_does_one_task_after_another_in_one_process(vocal_file: Path) -> None:
    async def run() -> None:
        async with started() as worker:
            pid = worker.pid
            for _ in range(2):
                result = await worker.run(inspection_of(vocal_file), PATIENCE)
                assert result["seconds"] == 5.0
            assert worker.pid == pid

    asyncio.run(run())


def test_a_task_that_fails_leaves_the_worker_as_it_was(vocal_file: Path) -> None:
    async def run() -> None:
        async with started() as worker:
            pid = worker.pid
            with pytest.raises(TaskError) as caught:
                await worker.run(inspection_of(vocal_file, max_seconds=1), PATIENCE)
            assert caught.value.code == "too_long"
            with pytest.raises(TaskError) as caught:
                await worker.run({"task": "unknown", "folder": str(vocal_file.parent)}, PATIENCE)
            assert caught.value.code == "failed"
            await worker.run(inspection_of(vocal_file), PATIENCE)
            assert worker.pid == pid

    asyncio.run(run())


def test_a_task_that_takes_too_long_ends_with_its_process(vocal_file: Path) -> None:
    async def run() -> None:
        async with started() as worker:
            pid = pid_of(worker)
            os.kill(pid, signal.SIGSTOP)
            with pytest.raises(TaskError) as caught:
                await worker.run(inspection_of(vocal_file), 0.05)
            assert (caught.value.code, caught.value.message) == (
                "timeout",
                "took longer than the 0.05 s allowed; try a shorter sound",
            )
            assert not is_alive(pid)
            assert not worker.alive

    asyncio.run(run())


def test_a_process_that_is_killed_fails_its_task_and_can_be_started_anew(vocal_file: Path) -> None:
    async def run() -> None:
        async with started() as worker:
            pid = pid_of(worker)
            os.kill(pid, signal.SIGSTOP)
            task = asyncio.create_task(worker.run(inspection_of(vocal_file), PATIENCE))
            await asyncio.sleep(0)
            os.kill(pid, signal.SIGKILL)
            with pytest.raises(TaskError) as caught:
                await task
            assert (caught.value.code, caught.value.message) == (
                "worker_died",
                "the worker process was killed by SIGKILL, perhaps as memory ran out; try again",
            )
            await worker.start()
            assert (await worker.run(inspection_of(vocal_file), PATIENCE))["channels"] == 2

    asyncio.run(run())


def test_a_task_for_a_worker_that_is_gone_fails(vocal_file: Path) -> None:
    async def run() -> None:
        with pytest.raises(TaskError) as caught:
            await Worker("inspection", 0).run(inspection_of(vocal_file), PATIENCE)
        assert caught.value.message == "the worker process is gone; try again"

    asyncio.run(run())


def test_closing_ends_the_process_with_what_it_has_started(vocal_file: Path) -> None:
    async def run() -> None:
        async with started() as worker:
            await worker.run(inspection_of(vocal_file), PATIENCE)
            pid = pid_of(worker)
            assert os.getpgid(pid) == pid
            await worker.close()
            assert not is_alive(pid)
            with pytest.raises(ProcessLookupError):
                os.killpg(pid, 0)

    asyncio.run(run())


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="needs Linux's idle policy")
def test_a_worker_stands_back_for_all_others_within_the_session(vocal_file: Path) -> None:
    async def run() -> None:
        async with started(niceness=19) as worker:
            await worker.run(inspection_of(vocal_file), PATIENCE)
            pid = pid_of(worker)
            assert os.getpriority(os.PRIO_PROCESS, pid) == 19
            assert os.sched_getscheduler(pid) == os.SCHED_IDLE
            # Linux groups processes by session before it looks at their priority.
            assert os.getsid(pid) == os.getsid(0)

    asyncio.run(run())


def test_a_worker_imports_nothing_from_the_working_folder(
    tmp_path: Path, vocal_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = tmp_path / "sprung"
    for module in ("json", "signal", "numpy", "autovoice_core"):
        (tmp_path / f"{module}.py").write_text(f"open({str(trace)!r}, 'w').close()\n")
    monkeypatch.chdir(tmp_path)

    async def run() -> None:
        async with started() as worker:
            await worker.run(inspection_of(vocal_file), PATIENCE)

    asyncio.run(run())
    assert not trace.exists()
