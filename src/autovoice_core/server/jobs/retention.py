"""Removal of uploads and finished jobs, by age and by the size and number of them all."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Literal

from attrs import frozen

from autovoice_core.server.jobs.records import JobRecords
from autovoice_core.server.jobs.uploads import UploadStore
from autovoice_core.server.settings import Limits

SWEEP_SECONDS = 600.0
"""Longest time between two searches for what is too old."""
MAX_STORED = 5000
"""Most uploads and finished jobs that are kept."""

_DAY_SECONDS = 86_400.0
_logger = logging.getLogger(__name__)


@frozen
class Stored:
    """An upload or a finished job; one ``in_use`` is never removed."""

    what: Literal["upload", "job"]
    id: str
    age_seconds: float
    bytes: int
    in_use: bool = False


def expired(
    stored: Iterable[Stored], *, max_age_seconds: float, max_bytes: int, max_count: int
) -> list[Stored]:
    """Return what is too old, and the oldest of the rest as long as all are too large or many."""
    by_age = sorted(stored, key=lambda each: each.age_seconds, reverse=True)
    size, count = sum(each.bytes for each in by_age), len(by_age)
    removed = []
    for each in by_age:
        too_much = size > max_bytes or count > max_count
        if not each.in_use and (each.age_seconds > max_age_seconds or too_much):
            removed.append(each)
            size, count = size - each.bytes, count - 1
    return removed


class Retention:
    """Removes what is too old, and the oldest where there is too much."""

    def __init__(self, limits: Limits, records: JobRecords, uploads: UploadStore) -> None:
        self._limits, self._records, self._uploads = limits, records, uploads
        self.due = asyncio.Event()
        """To be set when there is more on the disk."""

    async def run(self) -> None:
        """Remove from time to time, and when it is :attr:`due`, until cancelled."""
        while True:
            self.due.clear()
            try:
                await self.sweep()
            except OSError as error:
                _logger.error("old uploads and jobs can't be removed: %s", error)
            # Python 3.11's wait_for() may lose a cancellation.
            with suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_SECONDS):
                    await self.due.wait()

    async def sweep(self) -> None:
        """Remove what is to be removed."""
        limits = self._limits
        for each in expired(
            self._stored(),
            max_age_seconds=limits.stored_days * _DAY_SECONDS,
            max_bytes=limits.stored_bytes,
            max_count=MAX_STORED,
        ):
            # A job may have come to use it meanwhile.
            if each.what == "upload" and each.id not in self._records.uploads_in_use():
                await self._uploads.remove(each.id)
            elif each.what == "job" and each.id not in self._records.jobs_in_use():
                await self._records.remove(self._records.entries[each.id])
        await self._records.save_again()

    def _stored(self) -> Iterator[Stored]:
        in_use = self._records.uploads_in_use()
        for upload in self._uploads.list():
            age = self._uploads.age_seconds(upload.id)
            yield Stored("upload", upload.id, age, upload.bytes, upload.id in in_use)
        in_use = self._records.jobs_in_use()
        for key, entry in self._records.entries.items():
            if entry.finished:
                size = sum(output.bytes for output in entry.job.outputs)
                age = time.monotonic() - entry.born
                yield Stored("job", key, age, size, key in in_use)
