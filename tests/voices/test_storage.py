from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import attrs
import numpy as np
import pytest
from sqlite_utils import Database

from autovoice_core import InputError, StorageError, Style, VoiceProfile, VoiceProfileStorage
from autovoice_core.voices import database, serialization
from autovoice_core.voices.migrations import APPLICATION_ID, MIGRATIONS, migrate

MakeProfile = Callable[..., VoiceProfile]

NAMES = [
    "iona",
    "Iona",
    "Édith",
    "美空ひばり",
    "أم كلثوم",
    "👩‍🎤",
    "'; DROP TABLE voices; --",
    "a%_b",
]


@pytest.fixture
def storage(tmp_path: Path) -> VoiceProfileStorage:
    return VoiceProfileStorage(tmp_path / "voices.db")


def names(storage: VoiceProfileStorage) -> list[str]:
    return [summary.name for summary in storage.list()]


def test_voices_are_kept_under_names_in_any_script(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    for seconds, name in enumerate(NAMES, start=10):
        storage.add(make_profile(name, voiced_seconds=seconds))
    assert sorted(names(storage)) == sorted(NAMES)
    for seconds, name in enumerate(NAMES, start=10):
        kept = VoiceProfileStorage(storage.path).get(name)
        assert (kept.name, kept.voiced_seconds) == (name, seconds)


def test_a_voice_is_found_by_an_equal_name_in_another_form(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile("Édith"))
    assert storage.get(" E\u0301dith ").name == "Édith"


def test_a_voice_comes_back_whole(storage: VoiceProfileStorage, make_profile: MakeProfile) -> None:
    profile = make_profile()
    storage.add(profile)
    kept = storage.get("iona")
    assert serialization.dumps(kept)[8:] != b""
    assert kept.consent == profile.consent
    assert kept.recordings == profile.recordings
    assert kept.made_by == profile.made_by
    assert kept.embedding is not None
    np.testing.assert_array_equal(kept.features["frames"], profile.features["frames"])


def test_a_listing_says_what_there_is(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile("b"))
    storage.add(make_profile("a", embedding=None, recordings=()))
    first, second = storage.list()
    assert (first.name, first.encoder, first.recordings) == ("a", None, 0)
    assert (second.name, second.encoder, second.recordings) == ("b", "resemblyzer", 1)
    assert second.f0_range == (180.0, 260.5, 410.25)
    assert (second.loudness, second.voiced_seconds) == (-21.5, 61.25)
    assert (second.feature_id, second.created) == ("retrieval/1", "2026-01-02T03:04:05+00:00")
    assert second.size == len(serialization.dumps(make_profile("b")))


def test_a_listing_does_not_read_features(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile())
    damage_profile(storage.path)
    assert names(storage) == ["iona"]


def test_a_taken_name_is_refused_and_says_how_to_replace(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile(voiced_seconds=10))
    with pytest.raises(StorageError) as caught:
        storage.add(make_profile(voiced_seconds=20))
    assert str(caught.value) == (
        "a voice called 'iona' is there already; "
        "replace it with replace=True (--replace) or choose another name"
    )
    assert storage.get("iona").voiced_seconds == 10


def test_replacing_takes_the_place_of_a_voice(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile(voiced_seconds=10))
    storage.add(make_profile(voiced_seconds=20), replace=True)
    assert [summary.voiced_seconds for summary in storage.list()] == [20]
    assert storage.get("iona").voiced_seconds == 20


def test_how_a_voice_is_sung_in_is_kept_and_the_rest_stays(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    profile = make_profile("iona")
    storage.add(profile)
    assert storage.set_style("iona", formant=-1.5, key=-12).style == Style(key=-12, formant=-1.5)
    styled = storage.set_style("iona", key="auto", breath="soften")
    assert styled.style == Style(formant=-1.5, breath="soften")
    kept = storage.get("iona")
    assert kept.style == styled.style
    unlike = attrs.filters.exclude("style", "features", "embedding")
    assert attrs.asdict(kept, filter=unlike) == attrs.asdict(profile, filter=unlike)
    for name, values in profile.features.items():
        assert np.array_equal(kept.features[name], values)
    with pytest.raises(InputError, match=r"^breath: 'loud' is not one of keep, soften, remove$"):
        storage.set_style("iona", breath="loud")  # type: ignore[typeddict-item]
    with pytest.raises(StorageError, match="did you mean 'iona'"):
        storage.set_style("ionna", seed=1)
    assert storage.get("iona").style == styled.style


def test_renaming_changes_the_name_and_nothing_else(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile("old"))
    storage.rename("old", "new")
    storage.rename("new", " new ")
    assert names(storage) == ["new"]
    assert storage.get("new").name == "new"
    assert storage.get("new").consent == make_profile().consent


def test_renaming_to_a_taken_name_is_refused(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile("a"))
    storage.add(make_profile("b"))
    with pytest.raises(StorageError) as caught:
        storage.rename("a", "b")
    assert str(caught.value) == (
        "a voice called 'b' is there already; remove it or choose another name"
    )
    assert names(storage) == ["a", "b"]


def test_a_removed_voice_leaves_no_trace_in_the_file(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    mark = b"the voice of somebody"
    large = np.frombuffer(mark * 20_000, np.uint8)
    storage.add(make_profile("stays"))
    before = storage.path.stat().st_size
    storage.add(make_profile("goes", features={"frames": large}))
    assert mark in storage.path.read_bytes()
    storage.remove("goes")
    assert names(storage) == ["stays"]
    assert mark not in storage.path.read_bytes()
    assert storage.path.stat().st_size == before
    assert [entry.name for entry in storage.path.parent.iterdir()] == [storage.path.name]


@pytest.mark.parametrize("use", ["get", "remove", "rename"])
def test_an_unknown_name_is_answered_with_the_nearest(
    storage: VoiceProfileStorage, make_profile: MakeProfile, use: str
) -> None:
    for name in ["iona", "Ioana", "bob"]:
        storage.add(make_profile(name))
    arguments = ["ionna", "new"] if use == "rename" else ["ionna"]
    with pytest.raises(StorageError) as caught:
        getattr(storage, use)(*arguments)
    assert str(caught.value) == "unknown voice 'ionna'; did you mean 'iona' or 'Ioana'?"


def test_a_name_like_no_other_is_answered_with_the_count(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile())
    with pytest.raises(StorageError) as caught:
        storage.get("zzz")
    assert str(caught.value) == "unknown voice 'zzz'; `autovoice voices list` shows those there are"


@pytest.mark.parametrize("use", ["get", "remove", "rename"])
def test_looking_where_nothing_is_kept_makes_no_file(
    tmp_path: Path, make_profile: MakeProfile, use: str
) -> None:
    path = tmp_path / "not yet" / "voices.db"
    with VoiceProfileStorage(path) as storage:
        assert storage.list() == ()
        with pytest.raises(StorageError) as caught:
            getattr(storage, use)(*["iona", "new"][: 2 if use == "rename" else 1])
    assert str(caught.value) == (
        f"unknown voice 'iona': none is kept in {path} yet; "
        "add one with `autovoice voices add NAME FILE...`"
    )
    assert not path.parent.exists()


def test_the_folder_is_made_when_a_voice_is_added(
    tmp_path: Path, make_profile: MakeProfile
) -> None:
    storage = VoiceProfileStorage(tmp_path / "a" / "b" / "voices.db")
    storage.add(make_profile())
    assert names(storage) == ["iona"]


def test_the_environment_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path))
    assert VoiceProfileStorage().path == tmp_path / "voices.db"


def test_voices_lie_with_the_data_of_programs_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOVOICE_HOME", raising=False)
    path = VoiceProfileStorage().path
    assert path.name == "voices.db"
    assert "autovoice" in path.parent.parts
    assert path.is_absolute()


def test_an_exported_voice_is_imported_on_another_machine(
    storage: VoiceProfileStorage, make_profile: MakeProfile, tmp_path: Path
) -> None:
    storage.add(make_profile())
    storage.rename("iona", "Édith")
    storage.export("Édith", tmp_path / "e.voice")
    there = VoiceProfileStorage(tmp_path / "there" / "voices.db")
    assert there.import_(tmp_path / "e.voice").name == "Édith"
    assert there.import_(tmp_path / "e.voice", name="other").name == "other"
    assert names(there) == ["other", "Édith"]
    np.testing.assert_array_equal(
        there.get("other").features["frames"], make_profile().features["frames"]
    )


def test_importing_a_taken_name_needs_replace(
    storage: VoiceProfileStorage, make_profile: MakeProfile, tmp_path: Path
) -> None:
    storage.add(make_profile(voiced_seconds=10))
    storage.export("iona", tmp_path / "i.voice")
    storage.add(make_profile(voiced_seconds=20), replace=True)
    with pytest.raises(StorageError, match="is there already"):
        storage.import_(tmp_path / "i.voice")
    assert storage.get("iona").voiced_seconds == 20
    storage.import_(tmp_path / "i.voice", replace=True)
    assert storage.get("iona").voiced_seconds == 10


def test_threads_share_one_storage(storage: VoiceProfileStorage, make_profile: MakeProfile) -> None:
    failed = []

    def work(worker: int) -> None:
        try:
            for turn in range(4):
                storage.add(make_profile(f"{worker}-{turn}"))
                storage.get(f"{worker}-{turn}")
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(storage.list()) == 24


# What a database may have become


def damage_profile(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        (data,) = connection.execute("SELECT profile FROM voices").fetchone()
        connection.execute("UPDATE voices SET profile = ?", [data[:-1] + bytes([data[-1] ^ 1])])


def test_a_damaged_profile_is_refused_and_can_be_removed(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile())
    damage_profile(storage.path)
    with pytest.raises(StorageError) as caught:
        storage.get("iona")
    assert str(caught.value) == (
        f"voice 'iona' in {storage.path}: damaged (its checksum is wrong); get a whole copy of it, "
        "or make the voice again from its recordings"
    )
    storage.remove("iona")
    assert storage.list() == ()


def test_a_text_is_no_database(storage: VoiceProfileStorage, make_profile: MakeProfile) -> None:
    storage.path.write_text("a text file that somebody called voices.db\n" * 50)
    before = storage.path.read_bytes()
    for use in (storage.list, lambda: storage.add(make_profile())):
        with pytest.raises(StorageError) as caught:
            use()
        assert str(caught.value) == (
            f"{storage.path}: not a voice database; choose another file with AUTOVOICE_HOME or --db"
        )
    assert storage.path.read_bytes() == before


def test_a_damaged_database_is_never_taken_for_a_whole_one(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile(features={"frames": np.arange(5000.0)}))
    whole = storage.path.read_bytes()
    rng = np.random.default_rng(3)
    refused = []
    for _ in range(60):
        damaged = bytearray(whole)
        start = int(rng.integers(0, len(damaged) - 600))
        damaged[start : start + 600] = rng.bytes(600)
        storage.path.write_bytes(damaged)
        try:
            kept = storage.get("iona")
        except StorageError as error:
            refused.append(str(error))
        else:
            np.testing.assert_array_equal(kept.features["frames"], np.arange(5000.0))
    assert len(refused) > 30
    assert all(str(storage.path) in message for message in refused)


def test_a_database_cut_short_is_refused(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile(features={"frames": np.arange(5000.0)}))
    whole = storage.path.read_bytes()
    storage.path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StorageError) as caught:
        storage.get("iona")
    assert str(caught.value) == (
        f"{storage.path}: the voice database is damaged (database disk image is malformed); "
        "put back a copy, or move it away"
    )


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
            f"{storage.path}: a database of something else; "
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
    assert names(storage) == ["iona"]
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
    assert names(storage) == ["iona"]
    with closing(sqlite3.connect(storage.path)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(voices)")]
    assert "mood" not in columns


# What the place may be like


def test_a_directory_is_no_database(tmp_path: Path, make_profile: MakeProfile) -> None:
    with pytest.raises(StorageError) as caught:
        VoiceProfileStorage(tmp_path).add(make_profile())
    assert str(caught.value) == f"{tmp_path}: is a directory; give the name of a database file"


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path, make_profile: MakeProfile) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "home" / "voices.db"
    with pytest.raises(StorageError) as caught:
        VoiceProfileStorage(path).add(make_profile())
    assert str(caught.value) == (
        f"{path}: can't be made (Not a directory); choose another place with AUTOVOICE_HOME or --db"
    )


@pytest.fixture
def unwritable() -> Iterator[Path]:
    """A folder in which nothing may be made, not even by root."""
    with tempfile.TemporaryDirectory(prefix="autovoice-test-") as name:
        folder = Path(name)
        folder.chmod(0o555)
        user = os.geteuid()
        if user == 0:
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            os.seteuid(user)
            folder.chmod(0o700)


NOBODY = 65534


def test_a_place_that_may_not_be_written_is_named(
    unwritable: Path, make_profile: MakeProfile
) -> None:
    path = unwritable / "voices.db"
    with pytest.raises(StorageError) as caught:
        VoiceProfileStorage(path).add(make_profile())
    assert str(caught.value) == (
        f"{path}: can't be written; choose another place with AUTOVOICE_HOME or --db"
    )


def test_waiting_for_another_program_ends(
    storage: VoiceProfileStorage, make_profile: MakeProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.add(make_profile())
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    with closing(sqlite3.connect(storage.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        # A reader does not wait for a writer.
        assert names(storage) == ["iona"]
        with pytest.raises(StorageError) as caught:
            storage.remove("iona")
    assert str(caught.value) == (
        f"{storage.path}: another program has been writing for 0 s; try again when it is done"
    )


@pytest.fixture
def reader(storage: VoiceProfileStorage) -> Iterator[sqlite3.Connection]:
    """Another program that reads a database which is not yet in write-ahead mode."""
    connection = sqlite3.connect(storage.path, isolation_level=None, check_same_thread=False)
    with closing(connection):
        connection.execute("VACUUM")
        connection.execute("BEGIN")
        connection.execute("SELECT * FROM sqlite_master").fetchall()
        yield connection


def test_making_a_database_waits_for_another_program(
    storage: VoiceProfileStorage, make_profile: MakeProfile, reader: sqlite3.Connection
) -> None:
    done = threading.Timer(0.2, reader.execute, ["COMMIT"])
    done.start()
    storage.add(make_profile())
    done.join()
    assert names(storage) == ["iona"]


def test_making_a_database_does_not_wait_for_ever(
    storage: VoiceProfileStorage,
    make_profile: MakeProfile,
    reader: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    with pytest.raises(StorageError, match="another program has been writing"):
        storage.add(make_profile())


def test_a_disk_that_fills_up_changes_nothing(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    resource = pytest.importorskip("resource", reason="this system has no limits on files")
    storage.add(make_profile())
    large = make_profile("large", features={"frames": np.zeros(200_000, np.float32)})
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(StorageError) as caught:
            storage.add(large)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert str(caught.value) == (
        f"{storage.path}: writing stopped (disk I/O error); "
        "free some space on the disk and try again"
    )
    assert names(storage) == ["iona"]
    storage.add(large)


def test_a_full_disk_is_called_by_its_name(tmp_path: Path) -> None:
    def fill() -> None:
        with database.writing(tmp_path / "v.db", create=True) as db:
            db.execute("PRAGMA max_page_count = 8")
            db.execute("CREATE TABLE filler AS SELECT zeroblob(100000)")

    with pytest.raises(StorageError) as caught:
        fill()
    assert str(caught.value) == (
        f"{tmp_path / 'v.db'}: writing stopped (database or disk is full); "
        "free some space on the disk and try again"
    )


def test_a_storage_says_where_it_is(tmp_path: Path) -> None:
    assert repr(VoiceProfileStorage("x.db")) == "VoiceProfileStorage('x.db')"


def test_a_name_nobody_can_read_is_refused(storage: VoiceProfileStorage) -> None:
    with pytest.raises(InputError, match="no visible character"):
        storage.get("")
