"""``JobStore``: what is known of jobs and uploads, in a database that outlives the server."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from attrs import frozen
from sqlite_utils import Database

from autovoice_core._errors import StorageError
from autovoice_core.server.jobs.schemas import EnrolRequest, Job, JobRequest, Upload

FORMAT = 1
"""``PRAGMA user_version`` of the database; one of a newer version is refused."""
APPLICATION_ID = int.from_bytes(b"AVjb", "big")
"""``PRAGMA application_id`` of the database."""

TABLES: dict[str, dict[str, type]] = {
    "jobs": {
        "id": str,
        "kind": str,
        "state": str,
        "created": str,
        "attempts": int,
        "last_event": int,
        "request": str,
        "job": str,
    },
    "uploads": {"id": str, "upload": str},
    "boots": {"id": int, "count": int},
}
"""Columns of each table; ``request``, ``job`` and ``upload`` are JSON of :mod:`schemas`."""

Request = JobRequest | EnrolRequest


@frozen
class StoredJob:
    """A job and what was asked for; ``attempts`` tells how often it was begun."""

    job: Job
    request: Request
    attempts: int
    last_event: int


class JobStore:
    """The jobs and uploads of a server, in the SQLite file ``path``, which is made if missing.

    May be used by one thread at a time. What was written survives the end of the process at any
    moment.

    Raises
    ------
    StorageError
        It can't be made or read, is damaged or another program's, or of a newer version.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._plain_errors():
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=5
            )
            try:
                self._db = Database(self._connection, execute_plugins=False)
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def next_boot(self) -> int:
        """Return how often the database was opened by a server, with this time."""
        with self._plain_errors():
            self._db["boots"].insert({"id": 1, "count": 0}, pk="id", ignore=True)
            self._db.execute("UPDATE boots SET count = count + 1")
            return int(self._db.execute("SELECT count FROM boots").fetchone()[0])

    def jobs(self) -> list[StoredJob]:
        """Return all jobs, oldest first."""
        with self._plain_errors():
            return [
                StoredJob(
                    msgspec.json.decode(row["job"], type=Job),
                    _decode_request(row["request"]),
                    row["attempts"],
                    row["last_event"],
                )
                for row in self._db["jobs"].rows_where(order_by="rowid")
            ]

    def save_job(self, stored: StoredJob) -> None:
        """Write a job, new or changed."""
        row = {
            "id": stored.job.id,
            "kind": stored.job.kind,
            "state": stored.job.state,
            "created": stored.job.created,
            "attempts": stored.attempts,
            "last_event": stored.last_event,
            "request": msgspec.json.encode(stored.request).decode(),
            "job": msgspec.json.encode(stored.job).decode(),
        }
        with self._plain_errors():
            self._db["jobs"].upsert(row, pk="id")

    def uploads(self) -> list[Upload]:
        """Return all uploads, oldest first."""
        with self._plain_errors():
            rows = self._db["uploads"].rows_where(order_by="rowid")
            return [msgspec.json.decode(row["upload"], type=Upload) for row in rows]

    def save_upload(self, upload: Upload) -> None:
        """Write a new upload."""
        row = {"id": upload.id, "upload": msgspec.json.encode(upload).decode()}
        with self._plain_errors():
            self._db["uploads"].upsert(row, pk="id")

    def remove(self, table: str, id: str) -> None:  # noqa: A002  # as the column is called
        """Forget an entry of the table ``"jobs"`` or ``"uploads"``, if there is such."""
        with self._plain_errors():
            self._db[table].delete_where("id = ?", [id])

    def _prepare(self) -> None:
        version = self._pragma("user_version")
        if self._pragma("application_id") != APPLICATION_ID and self._db.table_names():
            raise StorageError(f"{self._path}: another program's database; choose another folder")
        if version > FORMAT:
            raise StorageError(
                f"{self._path}: made by a newer AutoVoice (format {version}, this one reads up to "
                f"{FORMAT}); upgrade autovoice-core or choose another folder"
            )
        self._db.execute("PRAGMA journal_mode = wal")
        self._db.execute("PRAGMA synchronous = normal")  # survives a killed process
        # Rows are numbered in the order they were made, whatever the clock said.
        for table, columns in TABLES.items():
            self._db[table].create(columns, pk="id", if_not_exists=True)
        self._db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        self._db.execute(f"PRAGMA user_version = {FORMAT}")

    def _pragma(self, name: str) -> int:
        return int(self._db.execute(f"PRAGMA {name}").fetchone()[0])

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            kind = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
            if kind in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
                reason = f"writing stopped ({error}); free some space on the disk"
            elif kind in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
                reason = f"can't be written ({error}); choose another folder"
            else:
                reason = f"the database of jobs can't be used ({error}); move it away"
            raise StorageError(f"{self._path}: {reason}") from error


def _decode_request(text: str) -> Request:
    kind = msgspec.json.decode(text)["kind"]
    if kind == "enrol":
        return msgspec.json.decode(text, type=EnrolRequest)
    return msgspec.json.decode(text, type=JobRequest)
