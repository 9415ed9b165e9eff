"""``JobRecords``: the jobs of a server, each with its events, and every change kept on disk."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator

from attrs import define, field
from msgspec.structs import replace

from autovoice_core._errors import StorageError
from autovoice_core.server.jobs.database import Database
from autovoice_core.server.jobs.dates import born, now
from autovoice_core.server.jobs.events import EventLog
from autovoice_core.server.jobs.folders import Folders, remove
from autovoice_core.server.jobs.queue import JobQueue
from autovoice_core.server.jobs.schemas import FINISHED, Job, JobError, JobSource, JobState
from autovoice_core.server.jobs.store import JobStore, Request, StoredJob
from autovoice_core.server.jobs.supervisor import Worker
from autovoice_core.server.metrics import Metrics

MAX_ATTEMPTS = 2
"""Times that a job is begun, where the server ended in the midst of it, before it fails."""
MIN_RETRY_SECONDS, MAX_RETRY_SECONDS = 5.0, 600.0
"""Bounds of the time after which a client is asked to try again."""

_logger = logging.getLogger(__name__)


@define(eq=False)
class JobEntry:
    """A job, what was asked for, and its state in this process.

    Attributes
    ----------
    log
        Its events.
    attempts
        How often it was begun.
    born
        When it was made, by the monotonic clock.
    worker
        The process that does it, while it runs.
    cancelled
        Whether a client has called it off.
    ended
        Set once it is finished.
    """

    job: Job
    request: Request
    log: EventLog
    attempts: int = 0
    born: float = field(factory=time.monotonic)
    worker: Worker | None = None
    cancelled: bool = False
    ended: asyncio.Event = field(factory=asyncio.Event)

    @property
    def finished(self) -> bool:
        """Whether it is done, failed or cancelled."""
        return self.job.state in FINISHED


class JobRecords:
    """All jobs by id, oldest first; a job that changes tells its event log and the database."""

    def __init__(
        self, database: Database, folders: Folders, queue: JobQueue, metrics: Metrics
    ) -> None:
        self._database, self._folders = database, folders
        self._queue, self._metrics = queue, metrics
        self._boot = 0
        self._unsaved: set[str] = set()
        self.last_seconds = 0.0
        """How long the last job ran."""
        self.entries: dict[str, JobEntry] = {}

    async def load(self) -> None:
        """Take the jobs of before; those that were waiting or running are queued again."""
        self._boot = await self._database.call(JobStore.next_boot)
        for stored in await self._database.call(JobStore.jobs):
            ended = stored.job.state in FINISHED
            if stored.job.outputs and not (self._folders.results / stored.job.id).is_dir():
                await self._database.call(JobStore.remove, "jobs", stored.job.id)
                continue
            log = EventLog(self._boot)
            if ended:
                log = EventLog.of_ended(stored.last_event, stored.job)
            entry = JobEntry(
                stored.job, stored.request, log, stored.attempts, born(stored.job.created)
            )
            self.entries[stored.job.id] = entry
            if ended:
                entry.ended.set()
            elif stored.attempts >= MAX_ATTEMPTS:
                message = f"the server ended {MAX_ATTEMPTS} times in the midst of it"
                error = JobError("interrupted", message)
                await self.finish(entry, replace(entry.job, state="failed", error=error))
            else:
                await self.requeue(entry)

    @property
    def retry_seconds(self) -> float:
        """The time after which a client that was turned away may try again."""
        return min(max(self.last_seconds, MIN_RETRY_SECONDS), MAX_RETRY_SECONDS)

    def count(self, state: JobState) -> int:
        """Return how many jobs are in ``state``."""
        return sum(entry.job.state == state for entry in self.entries.values())

    def view(self, entry: JobEntry) -> Job:
        """Return a job as clients see it."""
        return replace(entry.job, position_in_queue=self._queue.position(entry.job.id))

    async def add(self, job: Job, request: Request) -> JobEntry:
        """Keep a new job and queue it.

        Raises
        ------
        StorageError
            It can't be written.
        """
        entry = self.entries[job.id] = JobEntry(job, request, EventLog(self._boot))
        try:
            await self._write(entry, job)
        except BaseException:
            del self.entries[job.id]
            raise
        if entry.cancelled:
            await self.finish(entry, replace(job, state="cancelled"))
        else:
            self._queue.put(job.id)
            entry.log.add("state", self.view(entry))
        return entry

    async def change(self, entry: JobEntry, job: Job) -> None:
        """Take ``job`` as the new state of an entry."""
        entry.job = job
        entry.log.add("state", self.view(entry))
        await self._save(entry, entry.job)

    async def requeue(self, entry: JobEntry) -> None:
        """Let a job that was cut off begin anew."""
        self._queue.put(entry.job.id)
        fresh = replace(
            entry.job, state="queued", started=None, progress=0.0, stage=None, backends=[]
        )
        await self.change(entry, fresh)

    async def finish(self, entry: JobEntry, job: Job) -> None:
        """Take ``job`` as the end of an entry; it is written before anyone is told."""
        job = replace(job, stage=None, finished=now())
        await self._save(entry, job, last_event=entry.log.last_id + 1)
        entry.job = job
        entry.log.add("end", job)
        entry.ended.set()
        self._metrics.jobs.labels(job.kind, job.state).inc()

    async def remove(self, entry: JobEntry) -> None:
        """Forget a finished job, and remove its files: first, as that may free a full disk."""
        del self.entries[entry.job.id]
        await asyncio.to_thread(remove, self._folders.results / entry.job.id)
        try:
            await self._database.call(JobStore.remove, "jobs", entry.job.id)
        except StorageError as error:  # without files it is forgotten at the next start
            _logger.error("job %s: %s", entry.job.id, error)

    async def save_again(self) -> None:
        """Write the jobs that could not be written."""
        for key in list(self._unsaved & self.entries.keys()):
            await self._save(self.entries[key], self.entries[key].job)

    def uploads_in_use(self) -> set[str]:
        """Return the uploads that jobs which wait or run work on."""
        return {source.upload for source in self._sources_in_use() if source.upload is not None}

    def jobs_in_use(self) -> set[str]:
        """Return the jobs whose outputs jobs which wait or run work on."""
        return {source.job for source in self._sources_in_use() if source.job is not None}

    def tell_positions(self) -> None:
        """Tell the jobs that wait that they have moved up."""
        for entry in self.entries.values():
            if self._queue.position(entry.job.id) is not None:
                entry.log.add("state", self.view(entry))

    def _sources_in_use(self) -> Iterator[JobSource]:
        for entry in self.entries.values():
            if not entry.finished:
                yield from entry.request.sources

    async def _save(self, entry: JobEntry, job: Job, last_event: int | None = None) -> None:
        """Write a job; where that fails it goes on, and is written later."""
        self._unsaved.discard(job.id)
        try:
            await self._write(entry, job, last_event)
        except StorageError as error:
            self._unsaved.add(job.id)
            _logger.error("job %s: %s", job.id, error)

    async def _write(self, entry: JobEntry, job: Job, last_event: int | None = None) -> None:
        last = entry.log.last_id if last_event is None else last_event
        await self._database.call(
            JobStore.save_job, StoredJob(job, entry.request, entry.attempts, last)
        )
