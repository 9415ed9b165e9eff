"""Services of jobs in a folder of a test, with sounds to work on and workers to kill."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from waiting import PATIENCE

from autovoice_core import VoiceProfileStorage
from autovoice_core.server.errors import ApiError
from autovoice_core.server.jobs.schemas import EnrolRequest, Job, JobRequest, JobSource, Upload
from autovoice_core.server.jobs.service import JobService
from autovoice_core.server.metrics import Metrics
from autovoice_core.server.settings import Limits, Settings

SONG = "song0001"
"""Id of the upload that tests work on."""
RunWithSong = Callable[..., None]
"""The fixture ``with_song``: runs a coroutine on a service, given as its one argument."""


def job_service(folder: Path, db: Path | None = None, **limits: Any) -> JobService:
    """Return a service that is not started; its workers don't stand back for other tests."""
    db = folder / "voices.db" if db is None else db
    settings = Settings(folder / "server", db, limits=Limits(job_niceness=0, **limits))
    return JobService(settings, Metrics(), VoiceProfileStorage(db))


@asynccontextmanager
async def running_jobs(
    folder: Path, db: Path | None = None, **limits: Any
) -> AsyncIterator[JobService]:
    """Yield a service that runs inside."""
    service = job_service(folder, db, **limits)
    await service.start()
    try:
        yield service
    finally:
        await service.stop()


async def send(service: JobService, file: Path | bytes, upload: str = SONG) -> Upload:
    """Send a file, or bytes, in small pieces."""
    data = file if isinstance(file, bytes) else file.read_bytes()

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 50_000):
            yield data[start : start + 50_000]

    return await service.uploads.receive(upload, len(data), chunks())


def pitch_of(upload: str = SONG) -> JobRequest:
    """Return the request for the quickest of jobs."""
    return JobRequest("pitch", JobSource(upload=upload))


async def until(service: JobService, job: str, *states: str) -> Job:
    """Return a job once it is in one of ``states``; in any that it ends in if none is given."""
    wanted = states or ("done", "failed", "cancelled")
    async with asyncio.timeout(PATIENCE):
        while service.get(job).state not in wanted:
            await asyncio.sleep(0.01)
    return service.get(job)


async def worker_pids(count: int = 1, *, but: set[int] | None = None) -> set[int]:
    """Return the processes of ``count`` workers for songs, once there are so many others."""
    async with asyncio.timeout(PATIENCE):
        while len(found := _children() - (but or set())) < count:
            await asyncio.sleep(0.01)
    return found


async def refused(service: JobService, request: JobRequest | EnrolRequest) -> ApiError:
    """Return the error with which a job is refused."""
    with pytest.raises(ApiError) as caught:
        await service.submit(request)
    return caught.value


async def stopped_worker() -> int:
    """Return the one worker, stopped, so that no job ends by itself."""
    (pid,) = await worker_pids()
    os.kill(pid, signal.SIGSTOP)
    return pid


def work_left(folder: Path) -> list[Path]:
    """Return the folders of jobs under the folder of a test, half made and done."""
    places = (folder / "server" / name for name in ("work", "results"))
    return [path for place in places for path in place.iterdir()]


def is_alive(pid: int) -> bool:
    """Return whether a process goes on; one that has ended may still be listed."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in ("Z", "X")


def _children() -> set[int]:
    """Return the workers for songs among the processes that this one has started."""
    found = set()
    for path in Path("/proc/self/task").glob("*/children"):
        for pid in map(int, path.read_text().split()):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if b"autovoice_core.server.jobs.worker" in words and b"songs" in words:
                found.add(pid)
    return {pid for pid in found if is_alive(pid)}
