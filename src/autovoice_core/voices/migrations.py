"""The layout of the voice database, as numbered steps from nothing to the newest.

A step that was ever released is never changed; a change of layout is a new step. Steps are plain
SQL, which means the same under every version of sqlite-utils. The number of steps that a database
has taken is its ``PRAGMA user_version``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from sqlite_utils import Database

from autovoice_core._errors import StorageError

APPLICATION_ID = int.from_bytes(b"AVvc", "big")
"""``PRAGMA application_id`` of a voice database, by which ``file`` and we know it."""

Migration = Callable[[Database], None]


def voices(db: Database) -> None:
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


MIGRATIONS: tuple[Migration, ...] = (voices,)


def outdated(db: Database, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> bool:
    """Whether there are steps that the database has not taken yet; changes nothing.

    Raises
    ------
    StorageError
        It is a database of something else, or of a newer version.
    """
    # In a transaction, so that all that is asked is of one moment.
    db.execute("BEGIN")
    version = _version(db, path, migrations)
    db.execute("COMMIT")
    return version < len(migrations)


def migrate(db: Database, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the database up to date, all steps or none.

    Raises
    ------
    StorageError
        It is a database of something else, or of a newer version.
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
        # Only a database in which nobody has made anything yet becomes ours.
        if version or db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise StorageError(
                f"{path}: a database of something else; "
                "choose another file with AUTOVOICE_HOME or --db"
            )
        return 0
    if version > len(migrations):
        raise StorageError(
            f"{path}: made by a newer AutoVoice (database format {version}, this one reads up to "
            f"{len(migrations)}); upgrade autovoice-core"
        )
    return version


def _pragma(db: Database, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])
