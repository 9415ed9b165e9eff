from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from sqlite_utils import Database

from autovoice_core import StorageError, VoiceProfile, VoiceProfileStorage
from autovoice_core.voices.schema import APPLICATION_ID, MIGRATIONS, migrate

MakeProfile = Callable[..., VoiceProfile]


def test_a_database_of_something_else_is_left_alone(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    with closing(sqlite3.connect(storage.path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE voices (name TEXT)")
    before = storage.path.read_bytes()
    for use in (storage.list, lambda: storage.add(make_profile())):
        with pytest.raises(StorageError) as caught:
            use()
        assert str(caught.value) == (
            f"{storage.path}: another program's database; "
            "choose another file with AUTOVOICE_HOME or --db"
        )
    assert storage.path.read_bytes() == before


def test_a_database_of_a_newer_version_is_left_alone(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile())
    with closing(sqlite3.connect(storage.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA user_version = 99")
    for use in (storage.list, lambda: storage.add(make_profile("b"))):
        with pytest.raises(StorageError) as caught:
            use()
        assert str(caught.value) == (
            f"{storage.path}: made by a newer AutoVoice (database format 99, this one reads up to "
            f"{len(MIGRATIONS)}); upgrade autovoice-core"
        )


@pytest.mark.parametrize("steps", range(len(MIGRATIONS)))
def test_a_database_of_an_older_version_is_brought_up_to_date(
    storage: VoiceProfileStorage, make_profile: MakeProfile, steps: int
) -> None:
    with closing(sqlite3.connect(storage.path, isolation_level=None)) as connection:
        db = Database(connection)
        if steps:
            migrate(db, storage.path, MIGRATIONS[:steps])
        assert connection.execute("PRAGMA user_version").fetchone() == (steps,)
    storage.add(make_profile())
    assert [voice.name for voice in storage.list()] == ["iona"]
    with closing(sqlite3.connect(storage.path, isolation_level=None)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def add_mood(db: Database) -> None:
    db.execute("ALTER TABLE voices ADD COLUMN mood TEXT NOT NULL DEFAULT 'calm'")


def break_down(db: Database) -> None:
    add_mood(db)
    raise KeyboardInterrupt


def test_a_later_step_is_taken_once_and_keeps_the_voices(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile())
    with closing(sqlite3.connect(storage.path, isolation_level=None)) as connection:
        db = Database(connection)
        for _ in range(2):
            migrate(db, storage.path, [*MIGRATIONS, add_mood])
        assert list(db.query("SELECT name, mood FROM voices")) == [{"name": "iona", "mood": "calm"}]


def test_a_step_that_is_cut_short_leaves_the_older_version(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile())
    connection = sqlite3.connect(storage.path, isolation_level=None)
    with closing(connection), pytest.raises(KeyboardInterrupt):
        migrate(Database(connection), storage.path, [*MIGRATIONS, break_down])
    assert [voice.name for voice in storage.list()] == ["iona"]
    with closing(sqlite3.connect(storage.path)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(voices)")]
    assert "mood" not in columns
