"""The SQL schema of the voice database: its tables, and its migrations.

A migration that was ever released is never changed; a change of layout is a new migration.
Migrations are plain SQL, which means the same under every version of sqlite-utils. How many of
them a database has had is its ``PRAGMA user_version``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from sqlite_utils import Database

from autovoice_core._errors import StorageError
from autovoice_core.voices.guards import Migration, has_layout

APPLICATION_ID = int.from_bytes(b"AVvc", "big")
"""``PRAGMA application_id`` of a voice database, by which ``file`` and this module know it."""

NOT_OURS = "not a voice database; choose another file with AUTOVOICE_HOME or --db"
"""What is said of a database that is none of ours."""


def create_voices(db: Database) -> None:
    """Create the table of voices; ``profile`` comes last, so that a listing does not read it."""
    db.execute(
        """
        CREATE TABLE voices (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            feature_id TEXT NOT NULL,
            f0_p5 REAL NOT NULL,
            f0_p50 REAL NOT NULL,
            f0_p95 REAL NOT NULL,
            loudness REAL NOT NULL,
            voiced_seconds REAL NOT NULL,
            recordings INTEGER NOT NULL,
            encoder TEXT,
            created TEXT NOT NULL,
            profile BLOB NOT NULL
        )
        """
    )


def create_audio(db: Database) -> None:
    """Create the table of recordings that are kept: the bytes of their files, as they were."""
    db.execute(
        """
        CREATE TABLE audio (
            voice INTEGER NOT NULL REFERENCES voices (id),
            sha256 TEXT NOT NULL,
            data BLOB NOT NULL,
            PRIMARY KEY (voice, sha256)
        )
        """
    )


MIGRATIONS: tuple[Migration, ...] = (create_voices, create_audio)
"""All migrations, oldest first."""


def is_outdated(db: Database, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> bool:
    """Return whether the database lacks migrations; changes nothing.

    Raises
    ------
    StorageError
        It is another program's database, or a newer version's.
    """
    # In a transaction, so that both pragmas are read at one moment.
    db.execute("BEGIN")
    version = _version(db, path, migrations)
    db.execute("COMMIT")
    return version < len(migrations)


def migrate(db: Database, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the database up to date: all migrations that it lacks, or none.

    Raises
    ------
    StorageError
        It is another program's database, or a newer version's.
    """
    # Another process may have done the work while this one waited.
    db.execute("BEGIN IMMEDIATE")
    for migration in migrations[_version(db, path, migrations) :]:
        migration(db)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {len(migrations)}")
    db.execute("COMMIT")


def _version(db: Database, path: Path, migrations: Sequence[Migration]) -> int:
    version = _pragma(db, "user_version")
    if _pragma(db, "application_id") != APPLICATION_ID:
        # Only an empty database becomes ours.
        if version or not _is_empty(db):
            raise StorageError(
                f"{path}: another program's database; "
                "choose another file with AUTOVOICE_HOME or --db"
            )
        return 0
    if version > len(migrations):
        raise StorageError(
            f"{path}: made by a newer AutoVoice (database format {version}, this one reads up to "
            f"{len(migrations)}); upgrade autovoice-core"
        )
    if version < 0 or not has_layout(db, tuple(migrations[:version])):
        raise StorageError(f"{path}: {NOT_OURS}")
    return version


def _is_empty(db: Database) -> bool:
    try:
        return not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except sqlite3.DatabaseError as error:
        # A layout beyond what ours needs, see `guards`.
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_INTERRUPT):
            return False
        raise


def _pragma(db: Database, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])
