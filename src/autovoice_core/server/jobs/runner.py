"""``Runner``: a place for one job at a time, which runs on a worker process of its own."""

from __future__ import annotations

import asyncio
import logging
import time
from asyncio import sleep as pause
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from autovoice_core.server.jobs.dates import now
from autovoice_core.server.jobs.failures import TaskError, failure
from autovoice_core.server.jobs.folders import Folders, remove, result_file
from autovoice_core.server.jobs.queue import JobQueue
from autovoice_core.server.jobs.records import JobEntry, JobRecords
from autovoice_core.server.jobs.requests import given_options
from autovoice_core.server.jobs.schemas import BackendUse, Job, JobError, JobOutput
from autovoice_core.server.jobs.supervisor import Worker
from autovoice_core.server.metrics import Metrics
from autovoice_core.server.settings import Limits

MIN_LIFE_SECONDS = 10.0
"""A worker that ends sooner, without a job, is not replaced at once."""
MIN_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 1.0, 60.0
"""Pause before such a worker is replaced; it doubles from the first to the second."""

_logger = logging.getLogger(__name__)


class Runner:
    """Takes jobs from the queue, one after the other, and has a worker process do each.

    The worker is started before there is a job, stays warm between jobs, and is replaced where it
    ends, whatever ended it.
    """

    def __init__(
        self,
        queue: JobQueue,
        records: JobRecords,
        folders: Folders,
        metrics: Metrics,
        *,
        limits: Limits,
        voices: Path,
        ended: Callable[[], None],
    ) -> None:
        self._queue, self._records, self._folders = queue, records, folders
        self._metrics, self._limits, self._voices = metrics, limits, voices
        self._ended = ended
        self._worker = Worker("songs", limits.job_niceness)
        self._pause = 0.0

    async def run(self) -> None:
        """Run jobs until cancelled."""
        try:
            while True:
                await self._ensure_worker()
                job = await self._next_job()
                if job is not None:
                    self._records.tell_positions()
                    await self._do(self._records.entries[job])
        finally:
            await self._worker.close()

    async def _ensure_worker(self) -> None:
        """Start the worker if there is none."""
        if self._worker.alive:
            return
        await pause(self._pause)
        try:
            await self._worker.start()
        except OSError as error:
            _logger.error("no worker process can be started: %s", error)
            self._lengthen_pause()

    async def _next_job(self) -> str | None:
        """Return the next job; None if the worker ended while it waited for one."""
        if not self._worker.alive:
            return None
        began = time.monotonic()
        job = asyncio.ensure_future(self._queue.get())
        end = asyncio.ensure_future(self._worker.ended())
        try:
            await asyncio.wait({job, end}, return_when=asyncio.FIRST_COMPLETED)
            if job.done():
                self._pause = 0.0
                return job.result()
        finally:
            job.cancel()
            end.cancel()
        self._metrics.workers_replaced.inc()
        if time.monotonic() - began < MIN_LIFE_SECONDS:
            self._lengthen_pause()
        return None

    def _lengthen_pause(self) -> None:
        self._pause = min(max(MIN_PAUSE_SECONDS, 2 * self._pause), MAX_PAUSE_SECONDS)

    async def _do(self, entry: JobEntry) -> None:
        """Have the worker do a job, and end the job whatever happens."""
        began = time.monotonic()
        entry.worker = self._worker
        entry.attempts += 1
        # Where the server was killed, the worker of the attempt before may not have ended yet.
        work = self._folders.work / f"{entry.job.id}-{entry.attempts}"
        try:
            job = await self._attempt(entry, work)
        except asyncio.CancelledError:  # the server stops
            await self._worker.close()
            await asyncio.to_thread(remove, work)
            entry.attempts -= 1
            if entry.cancelled:
                await self._records.finish(entry, replace(entry.job, state="cancelled"))
            else:
                await self._records.requeue(entry)
            raise
        except Exception as error:  # noqa: BLE001  # it costs this job alone
            job = await self._failed(entry, error)
        entry.worker = None
        await asyncio.to_thread(remove, work)
        self._records.last_seconds = time.monotonic() - began
        self._metrics.job_seconds.labels(job.kind).observe(self._records.last_seconds)
        await self._records.finish(entry, job)
        self._ended()

    async def _attempt(self, entry: JobEntry, work: Path) -> Job:
        """Return the job once it is done, with its files in their place."""
        await asyncio.to_thread(work.mkdir, mode=0o700)
        await self._records.change(entry, replace(entry.job, state="running", started=now()))
        if entry.cancelled:
            raise TaskError("cancelled", "called off before it began")
        await self._ensure_worker()
        tell = partial(self._hear, entry)
        result = await self._worker.run(self._task(entry, work), self._limits.job_seconds, tell)
        entry.worker = None
        outputs = await asyncio.to_thread(self._publish, work, entry.job.id, result["outputs"])
        summary = {**result["summary"], "warnings": result["warnings"]}
        return replace(entry.job, state="done", progress=1.0, outputs=outputs, summary=summary)

    async def _failed(self, entry: JobEntry, error: Exception) -> Job:
        """Return a job that failed or was cancelled."""
        if not isinstance(error, TaskError):
            _logger.error("job %s failed", entry.job.id, exc_info=error)
            await self._worker.close()  # it may still be at work
        if not self._worker.alive:
            self._metrics.workers_replaced.inc()
        if entry.cancelled:
            return replace(entry.job, state="cancelled")
        return replace(entry.job, state="failed", error=JobError(*failure(error)))

    def _task(self, entry: JobEntry, work: Path) -> dict[str, Any]:
        """Return what the worker is told to do."""
        request = entry.request
        task: dict[str, Any] = {
            "task": request.kind,
            "folder": str(work),
            "voices": str(self._voices),
            "sources": {
                source.upload or source.output: str(self._folders.source(source))
                for source in request.sources
            },
        }
        if request.kind == "enrol":
            return {**task, "name": request.name, "consent": request.consent}
        return {**task, "voice": request.voice, "options": given_options(request.options)}

    def _hear(self, entry: JobEntry, message: Mapping[str, Any]) -> None:
        """Take a message of the worker into the job."""
        match message["type"]:
            case "progress":
                progress, stage = message["progress"], message["stage"]
                entry.job = replace(entry.job, progress=progress, stage=stage)
                entry.log.add("progress", {"progress": progress, "stage": stage})
            case "backends":
                backends = [BackendUse(**each) for each in message["backends"]]
                entry.job = replace(entry.job, backends=backends)
                entry.log.add("state", entry.job)
            case "log":
                entry.log.add("log", {"message": message["message"]})

    def _publish(
        self, work: Path, job: str, outputs: Sequence[Mapping[str, str]]
    ) -> list[JobOutput]:
        """Move the files of a job to their place; return what there is."""
        if not outputs:
            return []
        self._folders.keep_result(work, job)
        folder = self._folders.results / job
        return [
            JobOutput(
                name=each["name"],
                media_type=each["media_type"],
                bytes=result_file(folder, each["name"]).stat().st_size,
            )
            for each in outputs
        ]
