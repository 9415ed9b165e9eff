"""Databases that others made: what they hold must be what we would have made."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from autovoice_core import StorageError, VoiceProfile, VoiceProfileStorage
from autovoice_core.voices import database, guards, queries
from autovoice_core.voices.database import require_writable

MakeProfile = Callable[..., VoiceProfile]

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
DAMAGED = "the voice database is damaged ({}); put back a copy, or move it away"


@pytest.fixture
def kept(storage: VoiceProfileStorage, make_profile: MakeProfile) -> VoiceProfileStorage:
    storage.add(make_profile())
    return storage


def forge(storage: VoiceProfileStorage, script: str) -> None:
    """Change a database as no version of ours would, its layout too."""
    with closing(sqlite3.connect(storage.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = on")
        connection.executescript(script)


def refusals(storage: VoiceProfileStorage) -> set[str]:
    """Return what every way of reading or writing a database says."""
    uses: list[Callable[[], object]] = [
        storage.list,
        lambda: storage.get("iona"),
        lambda: storage.summary("iona"),
        lambda: storage.remove("iona"),
        lambda: storage.rename("iona", "freya"),
        lambda: storage.set_style("iona", key=1.0),
        lambda: storage.require_free("new"),
    ]
    messages = set()
    for use in uses:
        with pytest.raises(StorageError) as caught:
            use()
        messages.add(str(caught.value))
    return messages


@pytest.mark.parametrize(
    "script",
    [
        f"ALTER TABLE voices RENAME TO v; CREATE VIEW voices AS {ENDLESS}",
        "CREATE VIEW extra AS SELECT 1",
        "CREATE TRIGGER t AFTER DELETE ON voices BEGIN DELETE FROM audio; END",
        "CREATE TABLE extra (x)",
        "CREATE INDEX extra ON voices (created)",
        "ALTER TABLE voices ADD COLUMN extra",
        "DROP TABLE audio",
        "DROP TABLE audio; CREATE VIRTUAL TABLE audio USING fts5(voice, sha256, data)",
        "ANALYZE; UPDATE sqlite_master SET sql = replace(sql, 'stat)', 'stat, more)')",
        "UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL UNIQUE', 'UNIQUE')",
        "UPDATE sqlite_master SET sql = replace(sql, 'loudness REAL', 'loudness TEXT')",
        "PRAGMA user_version = 1",
        "PRAGMA user_version = -1",
    ],
)
def test_a_layout_other_than_ours_is_refused(kept: VoiceProfileStorage, script: str) -> None:
    forge(kept, script)
    assert refusals(kept) == {
        f"{kept.path}: not a voice database; choose another file with AUTOVOICE_HOME or --db"
    }


def test_statistics_that_sqlite_keeps_of_our_tables_are_no_other_layout(
    kept: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    with closing(sqlite3.connect(kept.path)) as connection:
        connection.execute("ANALYZE")
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert "sqlite_stat1" in tables
    kept.add(make_profile("freya"))
    assert [voice.name for voice in kept.list()] == ["freya", "iona"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            "f0_p5 = 5e-324",
            "f0_range: 4.94066e-324, 260.5, 410.25 Hz are not the 5th, 50th and 95th percentile of "
            "an f0; give three frequencies from 20 to 4000 Hz in rising order",
        ),
        (
            "loudness = 'loud'",
            "loudness: 'loud' is not a number of LUFS from -1000 to 1000; give one",
        ),
        ("recordings = -1", "recordings: -1 is not a whole number from 0"),
        (
            "name = 'i' || char(27)",
            "name: 'i\\x1b' holds a control character or a line break; give the voice a name of "
            "one line of text",
        ),
        ("name = x'00'", "name: b'\\x00' is not text; give for example 'Iona'"),
        ("feature_id = zeroblob(2000000)", "string or blob too big"),
    ],
)
def test_a_row_that_no_voice_has_is_damage(
    kept: VoiceProfileStorage, change: str, reason: str
) -> None:
    forge(kept, f"UPDATE voices SET {change}")
    with pytest.raises(StorageError) as caught:
        kept.list()
    assert str(caught.value) == f"{kept.path}: {DAMAGED.format(reason)}"


def test_a_profile_that_is_no_blob_is_damage(kept: VoiceProfileStorage) -> None:
    forge(kept, "UPDATE voices SET profile = 5")
    with pytest.raises(StorageError) as caught:
        kept.get("iona")
    reason = DAMAGED.format("it holds a value of type int for bytes")
    assert str(caught.value) == f"{kept.path}: {reason}"


def test_a_profile_too_large_is_not_read(
    kept: VoiceProfileStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MAX_PROFILE_BYTES", 1000)
    forge(kept, "UPDATE voices SET profile = zeroblob(2000000)")
    with pytest.raises(StorageError) as caught:
        kept.get("iona")
    assert str(caught.value) == f"{kept.path}: {DAMAGED.format('string or blob too big')}"


def test_more_recordings_than_are_ever_kept_are_not_read(
    kept: VoiceProfileStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MAX_AUDIO_BYTES", 1_000_000)
    forge(kept, "INSERT INTO audio VALUES (1, 'a', zeroblob(600000)), (1, 'b', zeroblob(600000))")
    with pytest.raises(StorageError) as caught:
        kept.learn("iona")
    reason = DAMAGED.format("1 MB of recordings are kept of 'iona'")
    assert str(caught.value) == f"{kept.path}: {reason}"


def test_a_query_that_does_not_end_is_ended(
    kept: VoiceProfileStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "MAX_STEPS", 2000)
    with pytest.raises(StorageError) as caught, database.open_for_reading(kept.path) as db:
        db.execute(f"SELECT max(x) FROM ({ENDLESS})").fetchone()
    assert str(caught.value) == f"{kept.path}: {DAMAGED.format('a query of it does not end')}"


def test_a_large_layout_of_another_program_is_named_so(storage: VoiceProfileStorage) -> None:
    columns = ", ".join(f"c{number}" for number in range(100))
    forge(storage, f"CREATE TABLE places ({columns})")
    assert refusals(storage) == {
        f"{storage.path}: another program's database; "
        "choose another file with AUTOVOICE_HOME or --db"
    }


def test_functions_of_a_layout_are_not_trusted(kept: VoiceProfileStorage) -> None:
    with database.open_for_reading(kept.path) as db:
        assert db.execute("PRAGMA trusted_schema").fetchone() == (0,)


def test_a_database_in_memory_would_keep_nothing(make_profile: MakeProfile) -> None:
    storage = VoiceProfileStorage(":memory:")
    for use in (storage.list, lambda: storage.add(make_profile())):
        with pytest.raises(StorageError) as caught:
            use()
        assert str(caught.value) == (
            ":memory:: would be forgotten at once; give the name of a database file"
        )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_device_or_a_pipe_is_no_database(tmp_path: Path, make_profile: MakeProfile) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path(os.devnull)):
        storage, profile = VoiceProfileStorage(path), make_profile()
        uses: list[Callable[[], object]] = [
            storage.list,
            lambda storage=storage, profile=profile: storage.add(profile),  # type: ignore[misc]
            lambda path=path: require_writable(path),  # type: ignore[misc]
        ]
        for use in uses:
            with pytest.raises(StorageError) as caught:
                use()
            assert str(caught.value) == (
                f"{path}: is a device or a pipe; give the name of a database file"
            )


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_a_database_is_private_whatever_the_mask(tmp_path: Path, make_profile: MakeProfile) -> None:
    storage = VoiceProfileStorage(tmp_path / "new" / "voices.db")
    before = os.umask(0)
    try:
        storage.add(make_profile())
        with closing(sqlite3.connect(storage.path)) as other:
            other.execute("SELECT * FROM voices").fetchall()
            rights = {
                path.name: stat.S_IMODE(path.stat().st_mode)
                for path in storage.path.parent.iterdir()
            }
    finally:
        os.umask(before)
    assert stat.S_IMODE(storage.path.parent.stat().st_mode) == 0o700
    assert set(rights.values()) == {0o600}
    assert len(rights) == 3  # with the log and its index


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_what_others_could_read_is_private_once_written_unless_the_user_named_the_file(
    tmp_path: Path, make_profile: MakeProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path))
    rights = []
    for path in (None, tmp_path / "named.db"):
        storage = VoiceProfileStorage(path)
        storage.add(make_profile())
        storage.path.chmod(0o644)
        storage.list()
        read = storage.path.stat().st_mode
        storage.rename("iona", "freya")
        rights.append((stat.S_IMODE(read), stat.S_IMODE(storage.path.stat().st_mode)))
    assert rights == [(0o644, 0o600), (0o644, 0o644)]


def test_an_old_database_too_large_for_memory_is_not_copied(
    kept: VoiceProfileStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "MAX_COPIED_BYTES", 4096)
    monkeypatch.setattr(database, "_may_write", lambda _: False)
    forge(kept, "DROP TABLE audio; PRAGMA user_version = 1; PRAGMA journal_mode = delete")
    with pytest.raises(StorageError) as caught:
        kept.list()
    assert str(caught.value) == (
        f"{kept.path}: made by an older AutoVoice, and too large to be brought up to date in "
        "memory; copy it to a place that can be written"
    )
