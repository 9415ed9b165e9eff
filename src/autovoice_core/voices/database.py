"""The voice database opened for reading or writing, with SQLite's errors in plain words."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlite_utils import Database

from autovoice_core._errors import StorageError
from autovoice_core.voices.schema import is_outdated, migrate

HOME_VARIABLE = "AUTOVOICE_HOME"
"""Environment variable that names the folder of the voice database."""

BUSY_TIMEOUT_SECONDS = 30.0
"""How long to wait for another process that writes."""


def default_path() -> Path:
    """Return the path of the database: ``voices.db`` in ``AUTOVOICE_HOME`` or the data folder."""
    home = os.environ.get(HOME_VARIABLE)
    if home:
        return Path(home).expanduser() / "voices.db"
    import platformdirs

    return platformdirs.user_data_path("autovoice", appauthor=False) / "voices.db"


@contextmanager
def open_for_reading(path: Path) -> Iterator[Database]:
    """Yield the database at ``path``; a missing one reads as empty, and is not made.

    Raises
    ------
    StorageError
        It can't be opened, is damaged, busy, another program's, or of a newer version; or an
        operation on it fails.
    """
    with _translating_errors(path), _connection(path, create=False) as db:
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
    with _translating_errors(path), _connection(path, create=create) as db:
        # A transaction that is open when the connection is closed is rolled back.
        db.execute("BEGIN IMMEDIATE")
        yield db
        db.execute("COMMIT")


@contextmanager
def _connection(path: Path, *, create: bool) -> Iterator[Database]:
    if create:
        path.parent.mkdir(parents=True, exist_ok=True)
    target = path if create or path.exists() else ":memory:"
    # Transactions are begun and ended here, not by the driver.
    with closing(
        sqlite3.connect(target, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)
    ) as connection:
        # No plugins of sqlite-utils: they would run in the caller's process.
        db = Database(connection, execute_plugins=False)
        if is_outdated(db, path):
            _use_wal(connection)
            migrate(db, path)
        # Deleted content is overwritten: a voice is personal data.
        db.execute("PRAGMA secure_delete = on")
        yield db


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging, in which readers and a writer don't wait for each other."""
    deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            # auto_vacuum can only be set while a database is empty.
            connection.execute("PRAGMA auto_vacuum = full")
            connection.execute("PRAGMA journal_mode = wal")
            # A file system without it keeps the old journal, which is as safe.
            return
        except sqlite3.OperationalError as error:
            # Here SQLite does not wait by itself when two processes make a database at once.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


@contextmanager
def _translating_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError(f"{path}: {_explanation(error, path)}") from error
    # SQLite's own message may quote a damaged name.
    except UnicodeDecodeError as error:
        raise StorageError(f"{path}: {_DAMAGED.format('its layout is unreadable')}") from error
    except OSError as error:
        raise StorageError(f"{path}: can't be made ({error.strerror}); {_REMEDY}") from error


_REMEDY = "choose another place with AUTOVOICE_HOME or --db"
_DAMAGED = "the voice database is damaged ({}); put back a copy, or move it away"


def _explanation(error: sqlite3.Error, path: Path) -> str:
    # The low byte of an extended code is the kind of error.
    match getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF:
        case _ if path.is_dir():
            return "is a directory; give the name of a database file"
        case sqlite3.SQLITE_NOTADB:
            return "not a voice database; choose another file with AUTOVOICE_HOME or --db"
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return f"can't be written; {_REMEDY}"
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
            return f"writing stopped ({error}); free some space on the disk and try again"
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            waited = f"{BUSY_TIMEOUT_SECONDS:.0f} s"
            return f"another program has been writing for {waited}; try again when it is done"
        case _:
            return _DAMAGED.format(error)
