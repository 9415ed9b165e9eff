"""``UploadStore``: sounds that clients send, taken only once all of them can be decoded."""

from __future__ import annotations

import asyncio
import errno
import logging
import re
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from attrs import define

from autovoice_core._errors import StorageError
from autovoice_core.server.errors import ApiError
from autovoice_core.server.jobs.database import Database
from autovoice_core.server.jobs.dates import born, now
from autovoice_core.server.jobs.failures import TaskError
from autovoice_core.server.jobs.folders import Folders, remove
from autovoice_core.server.jobs.inspector import Inspector
from autovoice_core.server.jobs.schemas import ID_PATTERN, Upload
from autovoice_core.server.jobs.store import JobStore
from autovoice_core.server.settings import Limits

MAX_ARRIVING = 16
"""Uploads that may arrive at once."""
WRITE_BYTES = 1 << 20
"""Bytes that are written to the disk at a time."""
SPARE_BYTES = 64 << 20
"""Free space of the disk that uploads leave."""
BUSY_SECONDS = 10
"""Time after which a client is asked to try again."""

_ID = re.compile(ID_PATTERN.strip("^$"))
_STATUS = {"too_long": 413, "disk_full": 507, "worker_died": 503, "memory": 413}
"""Status of the answer for each code of a failed inspection; 422 for the others."""

_logger = logging.getLogger(__name__)


@define
class _Kept:
    upload: Upload
    born: float
    """When it came, by the monotonic clock, which nobody sets."""


class UploadStore:
    """The uploads of a server, by id."""

    def __init__(
        self, limits: Limits, folders: Folders, database: Database, inspector: Inspector
    ) -> None:
        self._limits, self._folders, self._database = limits, folders, database
        self._inspector = inspector
        self._kept: dict[str, _Kept] = {}
        self._arriving: set[str] = set()
        self.added: Callable[[], None] = lambda: None
        """Called when there is a new upload."""

    async def load(self) -> None:
        """Take the uploads of before, unless their files are gone."""
        for upload in await self._database.call(JobStore.uploads):
            if (self._folders.uploads / upload.id).is_file():
                self._kept[upload.id] = _Kept(upload, born(upload.created))
            else:
                await self._database.call(JobStore.remove, "uploads", upload.id)

    def list(self) -> list[Upload]:
        """Return all uploads, oldest first."""
        return [kept.upload for kept in self._kept.values()]

    def get(self, id: str) -> Upload:  # noqa: A002  # as clients call it
        """Return an upload.

        Raises
        ------
        ApiError
            404: there is none.
        """
        if id not in self._kept:
            raise ApiError(404, "upload_unknown", f"there is no upload {id!r}; send it again", "id")
        return self._kept[id].upload

    def path(self, id: str) -> Path:  # noqa: A002
        """Return the file of an upload; refuses as :meth:`get` does."""
        return self._folders.uploads / self.get(id).id

    def age_seconds(self, id: str) -> float:  # noqa: A002
        """Return the age of an upload; refuses as :meth:`get` does."""
        return time.monotonic() - self._kept[self.get(id).id].born

    async def receive(
        self,
        id: str,  # noqa: A002
        length: int | None,
        chunks: AsyncIterator[bytes],
    ) -> Upload:
        """Write the sound that arrives in ``chunks``, ``length`` bytes if that is known.

        Raises
        ------
        ApiError
            409: the id is taken; 413: it is too long, decoded; 422: the id is of another form, or
            the sound can't be decoded, or not in time; 429: too many arrive; 507: the disk is
            full; and what ``chunks`` raises.
        """
        if not _ID.fullmatch(id):
            raise ApiError(
                422, "invalid", "id: is not 8 to 64 letters, digits, - or _; choose another", "id"
            )
        if id in self._kept or id in self._arriving:
            raise ApiError(409, "taken", f"there is an upload {id!r} already; choose another id")
        if len(self._arriving) >= MAX_ARRIVING:
            raise ApiError(
                429,
                "busy",
                f"{MAX_ARRIVING} uploads are arriving already; try again later",
                headers={"Retry-After": str(BUSY_SECONDS)},
            )
        self._arriving.add(id)
        file = self._folders.incoming / id
        try:
            if (length or 0) + SPARE_BYTES > await asyncio.to_thread(self._folders.free_bytes):
                raise disk_full()
            size = await write_chunks(file, chunks)
            if not size:
                raise ApiError(422, "unreadable", "the body is empty; send a sound file")
            found = await self._inspect(id)
            upload = Upload(
                id=id,
                bytes=size,
                seconds=found["seconds"],
                sample_rate=found["sample_rate"],
                channels=found["channels"],
                media_type=found["media_type"],
                created=now(),
            )
            await asyncio.to_thread(self._folders.keep_upload, id)
            self._kept[id] = _Kept(upload, time.monotonic())
            try:
                await self._database.call(JobStore.save_upload, upload)
            except BaseException:
                await self.remove(id)
                raise
        finally:
            self._arriving.discard(id)
            await asyncio.to_thread(remove, file)
        self.added()
        return upload

    async def remove(self, id: str) -> None:  # noqa: A002
        """Remove an upload; refuses as :meth:`get` does."""
        path = self.path(id)
        del self._kept[id]
        await asyncio.to_thread(remove, path)  # first, as that may free a full disk
        try:
            await self._database.call(JobStore.remove, "uploads", id)
        except StorageError as error:  # without its file it is forgotten at the next start
            _logger.error("upload %s: %s", id, error)

    async def _inspect(self, id: str) -> dict[str, Any]:  # noqa: A002
        """Return what is in the upload that has arrived, decoded by a worker process."""
        limits = self._limits
        task = {
            "task": "inspect",
            "folder": str(self._folders.incoming),
            "name": id,
            "max_seconds": limits.upload_seconds,
            "max_bytes": limits.decoded_bytes,
        }
        try:
            return await self._inspector.run(task, limits.decode_seconds)
        except TaskError as error:
            status = _STATUS.get(error.code, 422)
            code = "unreadable" if error.code == "invalid" else error.code
            raise ApiError(status, code, error.message) from error


async def write_chunks(file: Path, chunks: AsyncIterator[bytes]) -> int:
    """Write ``chunks`` to ``file`` as they come, and return how many bytes they are.

    Raises
    ------
    ApiError
        507: the disk is full; and what ``chunks`` raises.
    """
    size, waiting = 0, bytearray()
    try:
        with await asyncio.to_thread(file.open, "xb") as out:
            async for chunk in chunks:
                waiting += chunk
                size += len(chunk)
                if len(waiting) >= WRITE_BYTES:
                    await asyncio.to_thread(out.write, waiting)
                    waiting = bytearray()
            await asyncio.to_thread(out.write, waiting)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full() from error
        raise
    return size


def disk_full() -> ApiError:
    """Return the answer where the disk is full."""
    return ApiError(507, "disk_full", "the disk of the server is full; delete uploads or jobs")
