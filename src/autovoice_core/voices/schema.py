"""The SQL schema of the voice database: its table, its migrations, and every query on it.

A migration that was ever released is never changed; a change of layout is a new migration.
Migrations are plain SQL, which means the same under every version of sqlite-utils. How many of
them a database has had is its ``PRAGMA user_version``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from attrs import frozen
from sqlite_utils import Database

from autovoice_core._errors import StorageError
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.records import F0Range

APPLICATION_ID = int.from_bytes(b"AVvc", "big")
"""``PRAGMA application_id`` of a voice database, by which ``file`` and this module know it."""

Migration = Callable[[Database], None]


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
        if version or db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
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
    return version


def _pragma(db: Database, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


@frozen(repr=False)
class VoiceSummary:
    """A voice in a listing; most attributes are those of :class:`VoiceProfile`.

    ``recordings`` is how many there are, ``encoder`` the speaker encoder that made the embedding
    (or None), ``size`` the size of the profile in bytes. ``keeps_audio`` is whether the recordings
    are kept.
    """

    name: str
    feature_id: str
    f0_range: F0Range
    loudness: float
    voiced_seconds: float
    recordings: int
    encoder: str | None
    created: str
    size: int
    keeps_audio: bool = False

    def __repr__(self) -> str:
        low, _, high = self.f0_range
        heard = f"{self.voiced_seconds:.0f} s voiced, {low:.0f} to {high:.0f} Hz"
        return f"VoiceSummary({self.name!r}, {heard}, {self.feature_id})"


def select_summaries(db: Database, name: str | None = None) -> Iterator[VoiceSummary]:
    """Yield a summary of each voice by name, or of the one called ``name``; reads no profile."""
    query = """
        SELECT name, feature_id, f0_p5, f0_p50, f0_p95, loudness, voiced_seconds, recordings,
            encoder, created, length(profile) AS size,
            EXISTS (SELECT 1 FROM audio WHERE voice = voices.id) AS keeps_audio
        FROM voices WHERE name = ifnull(?, name) ORDER BY name
    """
    for row in db.query(query, [name]):
        f0_range = F0Range(row.pop("f0_p5"), row.pop("f0_p50"), row.pop("f0_p95"))
        keeps_audio = bool(row.pop("keeps_audio"))
        yield VoiceSummary(f0_range=f0_range, keeps_audio=keeps_audio, **row)


def select_names(db: Database) -> list[str]:
    """Return the names of all voices, sorted."""
    return [name for (name,) in db.execute("SELECT name FROM voices ORDER BY name")]


def select_profile(db: Database, name: str) -> bytes | None:
    """Return the bytes of the profile ``name``; None if there is no such voice."""
    row = db.execute("SELECT profile FROM voices WHERE name = ?", [name]).fetchone()
    return None if row is None else row[0]


def insert_voice(db: Database, profile: VoiceProfile, data: bytes) -> None:
    """Add a voice, ``data`` being its ``profile`` as bytes."""
    row = {
        "name": profile.name,
        "feature_id": profile.feature_id,
        "f0_p5": profile.f0_range.p5,
        "f0_p50": profile.f0_range.p50,
        "f0_p95": profile.f0_range.p95,
        "loudness": profile.loudness,
        "voiced_seconds": profile.voiced_seconds,
        "recordings": len(profile.recordings),
        "encoder": profile.embedding and profile.embedding.encoder,
        "created": profile.created,
        "profile": data,
    }
    columns = ", ".join(row)
    values = ", ".join(f":{column}" for column in row)
    db.execute(f"INSERT INTO voices ({columns}) VALUES ({values})", row)  # noqa: S608


def update_profile(db: Database, name: str, data: bytes) -> None:
    """Replace the profile of the voice ``name``."""
    db.execute("UPDATE voices SET profile = ? WHERE name = ?", [data, name])


def rename_voice(db: Database, old: str, new: str) -> None:
    """Change the name of a voice; its profile keeps the old one inside."""
    db.execute("UPDATE voices SET name = ? WHERE name = ?", [new, old])


def select_audio(db: Database, name: str) -> dict[str, bytes]:
    """Return the recordings that are kept of the voice ``name``, by their SHA-256."""
    query = "SELECT sha256, data FROM audio JOIN voices ON voice = id WHERE name = ?"
    return dict(db.execute(query, [name]).fetchall())


def insert_audio(db: Database, name: str, sha256: str, data: bytes) -> None:
    """Keep a recording of the voice ``name``."""
    query = "INSERT INTO audio SELECT id, ?, ? FROM voices WHERE name = ?"
    db.execute(query, [sha256, data, name])


def delete_voice(db: Database, name: str) -> None:
    """Delete the voice ``name`` and its recordings, if there is one."""
    db.execute("DELETE FROM audio WHERE voice IN (SELECT id FROM voices WHERE name = ?)", [name])
    db.execute("DELETE FROM voices WHERE name = ?", [name])
