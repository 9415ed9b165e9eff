"""``JobService``: the jobs and uploads of a server, from a request to files that are removed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from secrets import token_urlsafe

from msgspec.structs import replace

from autovoice_core._errors import StorageError
from autovoice_core.server.errors import ApiError
from autovoice_core.server.jobs.database import Database
from autovoice_core.server.jobs.dates import now
from autovoice_core.server.jobs.events import Event
from autovoice_core.server.jobs.folders import Folders, result_file
from autovoice_core.server.jobs.inspector import Inspector
from autovoice_core.server.jobs.queue import JobQueue
from autovoice_core.server.jobs.records import JobEntry, JobRecords
from autovoice_core.server.jobs.requests import require_possible
from autovoice_core.server.jobs.retention import Retention
from autovoice_core.server.jobs.runner import Runner
from autovoice_core.server.jobs.schemas import EnrolRequest, Job, JobOutput, JobRequest, JobSource
from autovoice_core.server.jobs.store import Request
from autovoice_core.server.jobs.uploads import UploadStore, disk_full
from autovoice_core.server.jobs.voice_files import VoiceFiles
from autovoice_core.server.metrics import Metrics
from autovoice_core.server.settings import Settings
from autovoice_core.voices.storage import VoiceProfileStorage

HEARTBEAT_SECONDS = 15.0
"""Time without an event after which a client is told that all is well."""
CANCEL_SECONDS = 10.0
"""Longest wait for a job that is cancelled to end."""


class JobService:
    """The jobs and uploads of a server.

    Its methods are called from one event loop. Nothing here decodes sound: worker processes do.
    Limits hold by a clock that nobody sets; dates are for people.

    Attributes
    ----------
    uploads, voice_files
        The uploads, and exported voices that arrive.
    """

    def __init__(self, settings: Settings, metrics: Metrics, voices: VoiceProfileStorage) -> None:
        self._limits, self._metrics, self._voices = settings.limits, metrics, voices
        self._folders = Folders(settings.folder)
        self._database, self._queue = Database(), JobQueue()
        self._records = JobRecords(self._database, self._folders, self._queue, metrics)
        self._inspector = Inspector()
        self.uploads = UploadStore(settings.limits, self._folders, self._database, self._inspector)
        self.voice_files = VoiceFiles(settings.limits, self._folders, self._inspector, voices)
        self._retention = Retention(settings.limits, self._records, self.uploads)
        self.uploads.added = self._retention.due.set
        self._tasks: list[asyncio.Task[None]] = []
        metrics.jobs_queued.set_function(lambda: self._records.count("queued"))
        metrics.jobs_running.set_function(lambda: self._records.count("running"))

    async def start(self) -> None:
        """Take up what an earlier server left, remove what it left half made, and start workers.

        Raises
        ------
        InputError
            The folder can't be made, or another server uses it.
        StorageError
            Its database can't be used.
        """
        self._folders.take()
        try:
            await self._database.open(self._folders.database)
            await self.uploads.load()
            await self._records.load()
            done = [key for key, entry in self._records.entries.items() if entry.job.outputs]
            known = [upload.id for upload in self.uploads.list()]
            await asyncio.to_thread(self._folders.remove_unknown, known, done)
        except BaseException:
            await self.stop()
            raise
        work = (self._runner().run() for _ in range(self._limits.workers))
        self._tasks = [asyncio.create_task(each) for each in (*work, self._retention.run())]

    async def stop(self) -> None:
        """End the workers at once; jobs that run begin anew at the next start."""
        self.close_events()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._inspector.close()
        await asyncio.to_thread(self._database.close)
        self._folders.leave()

    def close_events(self) -> None:
        """End all streams of events, as the server is to stop."""
        for entry in self._records.entries.values():
            entry.log.close()

    async def submit(self, request: Request) -> Job:
        """Queue a job and return it.

        Raises
        ------
        ApiError
            422: the request can't be met, or names an upload, job or voice that isn't there;
            429: too many wait; 507: the disk is full.
        StorageError
            There is a voice of the name to enrol.
        """
        if isinstance(request, EnrolRequest):
            await asyncio.to_thread(self._voices.require_free, request.name)
        else:
            await require_possible(request, self._voices)
        for number, source in enumerate(request.sources):
            field = "source" if isinstance(request, JobRequest) else f"uploads[{number}]"
            self._require_source(source, field)
        self._require_place()
        job = Job(token_urlsafe(12), request.kind, "queued", now(), voice=request.voice)
        if isinstance(request, JobRequest):
            job = replace(job, source=request.source)
        try:
            return self._records.view(await self._records.add(job, request))
        except StorageError as error:
            raise disk_full() from error

    def get(self, id: str) -> Job:  # noqa: A002  # as clients call it
        """Return a job.

        Raises
        ------
        ApiError
            404: there is none.
        """
        return self._records.view(self._entry(id))

    def list(self) -> list[Job]:
        """Return all jobs, oldest first."""
        return [self._records.view(entry) for entry in self._records.entries.values()]

    async def cancel(self, id: str) -> Job:  # noqa: A002
        """End a job that waits or runs, and return it; refuses as :meth:`get` does."""
        entry = self._entry(id)
        entry.cancelled = True
        if self._queue.remove(id):
            await self._records.finish(entry, replace(entry.job, state="cancelled"))
            self._records.tell_positions()
        elif entry.worker is not None:
            entry.worker.kill()
        with suppress(TimeoutError):
            async with asyncio.timeout(CANCEL_SECONDS):
                await entry.ended.wait()
        return self._records.view(entry)

    async def delete(self, id: str) -> None:  # noqa: A002
        """Remove a finished job and its files.

        Raises
        ------
        ApiError
            404: there is none; 409: it is not finished, or another job works on its output.
        """
        entry = self._entry(id)
        if not entry.finished:
            raise ApiError(409, "unfinished", f"job {id!r} is not finished; cancel it first")
        if id in self._records.jobs_in_use():
            raise ApiError(409, "in_use", f"a job works on an output of job {id!r}; wait for it")
        await self._records.remove(entry)

    async def delete_upload(self, id: str) -> None:  # noqa: A002
        """Remove an upload.

        Raises
        ------
        ApiError
            404: there is none; 409: a job works on it.
        """
        self.uploads.get(id)
        if id in self._records.uploads_in_use():
            raise ApiError(409, "in_use", f"a job works on upload {id!r}; cancel it first")
        await self.uploads.remove(id)

    def events(self, id: str, after: int) -> AsyncIterator[Event | None] | None:  # noqa: A002
        """Return the events of a job with ids above ``after``; None where its end was told.

        Yields None from time to time where nothing happens. Refuses as :meth:`get` does.
        """
        log = self._entry(id).log
        if self._entry(id).finished and after >= log.last_id:
            return None
        return log.follow(after, HEARTBEAT_SECONDS)

    def output_path(self, id: str, name: str) -> tuple[Path, JobOutput]:  # noqa: A002
        """Return the file of an output, and what it is.

        Raises
        ------
        ApiError
            404: there is no such job or output.
        """
        for output in self._entry(id).job.outputs:
            if output.name == name:
                with suppress(FileNotFoundError):
                    return result_file(self._folders.results / id, name), output
        raise ApiError(404, "output_unknown", f"job {id!r} has no output {name!r}", "name")

    def _entry(self, id: str) -> JobEntry:  # noqa: A002
        entry = self._records.entries.get(id)
        if entry is None:
            raise ApiError(404, "job_unknown", f"there is no job {id!r}; it may be too old", "id")
        return entry

    def _runner(self) -> Runner:
        return Runner(
            self._queue,
            self._records,
            self._folders,
            self._metrics,
            limits=self._limits,
            voices=self._voices.path.absolute(),
            ended=self._retention.due.set,
        )

    def _require_source(self, source: JobSource, field: str) -> None:
        """Refuse an upload or an output that isn't there."""
        try:
            if source.upload is not None:
                self.uploads.get(source.upload)
            elif source.job is not None and source.output is not None:
                _, output = self.output_path(source.job, source.output)
                if not output.media_type.startswith("audio/"):
                    raise ApiError(422, "invalid", f"source.output: {output.name!r} is no sound")
        except ApiError as error:
            raise ApiError(422, error.code, error.message, field) from error

    def _require_place(self) -> None:
        """Refuse a job that would wait behind too many others."""
        queued = self._records.count("queued")
        if queued >= self._limits.queue:
            raise ApiError(
                429,
                "queue_full",
                f"{queued} jobs are waiting already; try again later",
                headers={"Retry-After": f"{self._records.retry_seconds:.0f}"},
            )
