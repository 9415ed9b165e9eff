"""Opening the voice database, and saying what SQLite means by its errors."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlite_utils import Database

from autovoice_core._errors import StorageError
from autovoice_core.voices.migrations import migrate, outdated

HOME = "AUTOVOICE_HOME"
"""Environment variable that names the folder of the voice database."""

PATIENCE = 30.0
"""Seconds to wait for another process."""


def default_path() -> Path:
    """Return where voices are kept: ``voices.db`` in ``AUTOVOICE_HOME`` or the data folder."""
    home = os.environ.get(HOME)
    if home:
        return Path(home).expanduser() / "voices.db"
    import platformdirs

    return platformdirs.user_data_path("autovoice", appauthor=False) / "voices.db"


@contextmanager
def reading(path: Path) -> Iterator[Database]:
    """Yield the database at ``path``; one that is not there reads as empty, and is not made.

    Raises
    ------
    StorageError
        It can't be opened, is damaged, busy, of something else, or of a newer version; or an
        operation on it fails.
    """
    with _explaining(path), _connected(path, create=False) as db:
        yield db


@contextmanager
def writing(path: Path, *, create: bool) -> Iterator[Database]:
    """Yield the database at ``path`` inside a transaction; ``create`` makes one that is not there.

    No other process writes meanwhile, and nothing is changed unless the block ends well.

    Raises
    ------
    StorageError
        As for :func:`reading`, or it can't be made or written.
    """
    with _explaining(path), _connected(path, create=create) as db:
        # A transaction that is open when the connection is closed is rolled back.
        db.execute("BEGIN IMMEDIATE")
        yield db
        db.execute("COMMIT")


@contextmanager
def _connected(path: Path, *, create: bool) -> Iterator[Database]:
    if create:
        path.parent.mkdir(parents=True, exist_ok=True)
    place = path if create or path.exists() else ":memory:"
    # Transactions are begun and ended here, not by the driver.
    with closing(sqlite3.connect(place, timeout=PATIENCE, isolation_level=None)) as connection:
        # No plugins of sqlite-utils: they would run inside the caller's program.
        db = Database(connection, execute_plugins=False)
        if outdated(db, path):
            _use_wal(connection)
            migrate(db, path)
        # What is removed is overwritten: a voice belongs to somebody.
        db.execute("PRAGMA secure_delete = on")
        yield db


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging, in which readers and a writer don't wait for each other."""
    deadline = time.monotonic() + PATIENCE
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            # Only before anything is in it can a database be told to shrink when it can.
            connection.execute("PRAGMA auto_vacuum = full")
            connection.execute("PRAGMA journal_mode = wal")
            # A file system that can't have it keeps the old journal, which is as safe.
            return
        except sqlite3.OperationalError as error:
            # SQLite does not wait here by itself, when two processes make a database at once.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


@contextmanager
def _explaining(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError(f"{path}: {_meaning(error, path)}") from error
    # SQLite's own message may quote what damage has made of a name.
    except UnicodeDecodeError as error:
        raise StorageError(f"{path}: {_DAMAGED.format('its layout is unreadable')}") from error
    except OSError as error:
        raise StorageError(f"{path}: can't be made ({error.strerror}); {_ELSEWHERE}") from error


_ELSEWHERE = "choose another place with AUTOVOICE_HOME or --db"
_DAMAGED = "the voice database is damaged ({}); put back a copy, or move it away"


def _meaning(error: sqlite3.Error, path: Path) -> str:
    # The low byte of an extended code is the kind of error.
    match getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF:
        case _ if path.is_dir():
            return "is a directory; give the name of a database file"
        case sqlite3.SQLITE_NOTADB:
            return "not a voice database; choose another file with AUTOVOICE_HOME or --db"
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return f"can't be written; {_ELSEWHERE}"
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
            return f"writing stopped ({error}); free some space on the disk and try again"
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return (
                f"another program has been writing for {PATIENCE:.0f} s; try again when it is done"
            )
        case _:
            return _DAMAGED.format(error)
