"""The voice database opened for reading or writing, with SQLite's errors in plain words."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from errno import EACCES, ENOTDIR
from pathlib import Path

from sqlite_utils import Database

from autovoice_core._errors import InputError, StorageError
from autovoice_core._folders import data_folder
from autovoice_core.audio.special_files import is_special_file
from autovoice_core.voices import busy
from autovoice_core.voices.busy import begin_writing, use_wal
from autovoice_core.voices.guards import guard, trust
from autovoice_core.voices.schema import NOT_OURS, is_outdated, migrate

MAX_COPIED_BYTES = 1 << 28
"""Largest database that is copied into memory."""

_IN_MEMORY = ":memory:"


def default_path() -> Path:
    """Return the path of the database: ``voices.db`` in ``AUTOVOICE_HOME`` or the data folder."""
    return data_folder() / "voices.db"


@contextmanager
def open_for_reading(path: Path) -> Iterator[Database]:
    """Yield the database at ``path``; a missing one reads as empty, and is not made.

    Raises
    ------
    StorageError
        It can't be opened, is damaged, busy, another program's, or of a newer version; or an
        operation on it fails.
    """
    with _translating_errors(path), _connection(_reading_target(path), path) as db:
        yield db


@contextmanager
def open_for_writing(path: Path, *, create: bool) -> Iterator[Database]:
    """Yield the database at ``path`` inside a transaction; ``create`` makes a missing one.

    No other process writes meanwhile, and nothing is changed unless the block succeeds.

    Raises
    ------
    StorageError
        As for :func:`open_for_reading`, or it can't be made or written.
    """
    with _translating_errors(path):
        if create:
            _make_private(path)
        if _is_default(path):
            _tighten(path)
        target = path if create or path.exists() else _IN_MEMORY
        with _connection(target, path) as db:
            begin_writing(db.conn)
            # A transaction that is open when the connection is closed is rolled back.
            yield db
            db.execute("COMMIT")


def require_writable(path: Path) -> None:
    """Refuse a database that can't be written or made: a check before a long job.

    Raises
    ------
    StorageError
        As for :func:`open_for_writing`.
    """
    with _translating_errors(path):
        if path.exists():
            with open_for_writing(path, create=False):
                return
        if not _may_write(_existing_folder(path)):
            raise PermissionError(EACCES, os.strerror(EACCES))


def _make_private(path: Path) -> None:
    """Make a database and its folder for this user alone, unless they are there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Where it can't be made, SQLite says why.
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _is_default(path: Path) -> bool:
    with suppress(InputError):  # there is no home to have one in
        return path == default_path()
    return False


def _tighten(path: Path) -> None:
    """Take from others what rights they have to a database and its log; not through links."""
    for file in (path, *(Path(f"{path}{end}") for end in ("-wal", "-shm"))):
        # One that is missing, or another user's, can't be changed.
        with suppress(OSError):
            status = file.lstat()
            if stat.S_ISREG(status.st_mode) and status.st_mode & 0o077:
                file.chmod(stat.S_IMODE(status.st_mode) & 0o700)


def _existing_folder(path: Path) -> Path:
    """Return the nearest folder above ``path`` that exists."""
    folder = next(folder for folder in path.absolute().parents if folder.exists())
    if not folder.is_dir():
        raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR))
    return folder


def _may_write(path: Path) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(path, os.W_OK, effective_ids=effective)


def _reading_target(path: Path) -> str | Path:
    """Return what SQLite is to open for reading, as a name or address."""
    if not path.exists():
        _existing_folder(path)
        return _IN_MEMORY
    log = Path(f"{path}-wal")
    if log.exists() or (_may_write(path.parent) and _may_write(path)):
        return path
    # A log can't, or should not, be left beside it; and nobody is writing, or there would be one.
    return f"{path.absolute().as_uri()}?immutable=1"


@contextmanager
def _connection(
    target: str | Path, path: Path, *, copied_from: sqlite3.Connection | None = None
) -> Iterator[Database]:
    uri = isinstance(target, str)
    # Transactions are begun and ended here, not by the driver.
    with closing(
        sqlite3.connect(target, timeout=busy.TIMEOUT_SECONDS, isolation_level=None, uri=uri)
    ) as connection:
        guard(connection)
        if copied_from is not None:
            _require_small(copied_from, path)
            copied_from.backup(connection)
        # No plugins of sqlite-utils: they would run in the caller's process.
        db = Database(connection, execute_plugins=False)
        if is_outdated(db, path):
            if isinstance(target, str) and target != _IN_MEMORY:
                # It can't be written: what is read is a copy, brought up to date in memory.
                with _connection(_IN_MEMORY, path, copied_from=connection) as copy:
                    yield copy
                return
            use_wal(connection)
            migrate(db, path)
        trust(connection)
        # Deleted content is overwritten: a voice is personal data.
        db.execute("PRAGMA secure_delete = on")
        yield db


def _require_small(connection: sqlite3.Connection, path: Path) -> None:
    pages, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
    )
    if pages * size > MAX_COPIED_BYTES:
        raise StorageError(
            f"{path}: made by an older AutoVoice, and too large to be brought up to date in "
            "memory; copy it to a place that can be written"
        )


@contextmanager
def _translating_errors(path: Path) -> Iterator[None]:
    if path == Path(_IN_MEMORY):
        raise StorageError(f"{path}: would be forgotten at once; give the name of a database file")
    if is_special_file(path):
        raise StorageError(f"{path}: is a device or a pipe; give the name of a database file")
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError(f"{path}: {_explanation(error, path)}") from error
    # SQLite's own message may quote a damaged name.
    except UnicodeDecodeError as error:
        raise StorageError(f"{path}: {_DAMAGED.format('its layout is unreadable')}") from error
    except OSError as error:
        raise StorageError(f"{path}: can't be made ({error.strerror}); {_REMEDY}") from error


_LONGEST_REASON = 200
_REMEDY = "choose another place with AUTOVOICE_HOME or --db"
_DAMAGED = "the voice database is damaged ({}); put back a copy, or move it away"


def _explanation(error: sqlite3.Error, path: Path) -> str:
    # The low byte of an extended code is the kind of error.
    match getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF:
        case _ if path.is_dir():
            return "is a directory; give the name of a database file"
        case sqlite3.SQLITE_NOTADB:
            return NOT_OURS
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return f"can't be written; {_REMEDY}"
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
            return f"writing stopped ({error}); free some space on the disk and try again"
        case sqlite3.SQLITE_INTERRUPT:
            return _DAMAGED.format("a query of it does not end")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            waited = f"{busy.TIMEOUT_SECONDS:.0f} s"
            return f"another program has been writing for {waited}; try again when it is done"
        case _:
            return _DAMAGED.format(" ".join(str(error).split())[:_LONGEST_REASON])
