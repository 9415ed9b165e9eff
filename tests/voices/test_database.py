from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from autovoice_core import StorageError, VoiceProfile, VoiceProfileStorage
from autovoice_core.voices import busy, database
from autovoice_core.voices.database import require_writable

MakeProfile = Callable[..., VoiceProfile]


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
        f"unknown voice 'iona': there are none in {path} yet; "
        "add one with `autovoice voices add NAME FILE...`"
    )
    assert not path.parent.exists()


def test_the_folder_is_made_when_a_voice_is_added(
    tmp_path: Path, make_profile: MakeProfile
) -> None:
    storage = VoiceProfileStorage(tmp_path / "a" / "b" / "voices.db")
    storage.add(make_profile())
    assert [voice.name for voice in storage.list()] == ["iona"]


def test_the_environment_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path))
    assert VoiceProfileStorage().path == tmp_path / "voices.db"


def test_voices_lie_with_the_data_of_programs_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOVOICE_HOME", raising=False)
    path = VoiceProfileStorage().path
    assert path.name == "voices.db"
    assert "autovoice" in path.parent.parts
    assert path.is_absolute()


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


def test_a_directory_is_no_database(tmp_path: Path, make_profile: MakeProfile) -> None:
    with pytest.raises(StorageError) as caught:
        VoiceProfileStorage(tmp_path).add(make_profile())
    assert str(caught.value) == f"{tmp_path}: is a directory; give the name of a database file"


@pytest.mark.parametrize("path", [".", "/", ".."])
def test_a_directory_without_a_name_is_no_database(path: str, make_profile: MakeProfile) -> None:
    storage, profile = VoiceProfileStorage(path), make_profile()
    for call in (storage.list, lambda: storage.get("iona"), lambda: storage.add(profile)):
        with pytest.raises(StorageError) as caught:
            call()
        assert str(caught.value) == f"{path}: is a directory; give the name of a database file"


def test_a_path_below_a_file_is_refused_for_reading_too(tmp_path: Path) -> None:
    (tmp_path / "song.flac").write_text("")
    path = tmp_path / "song.flac" / "voices.db"
    for call in (VoiceProfileStorage(path).list, lambda: require_writable(path)):
        with pytest.raises(StorageError) as caught:
            call()
        assert str(caught.value) == (
            f"{path}: can't be made (Not a directory); "
            "choose another place with AUTOVOICE_HOME or --db"
        )


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path, make_profile: MakeProfile) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "home" / "voices.db"
    with pytest.raises(StorageError) as caught:
        VoiceProfileStorage(path).add(make_profile())
    assert str(caught.value) == (
        f"{path}: can't be made (Not a directory); choose another place with AUTOVOICE_HOME or --db"
    )


def test_a_place_that_may_not_be_written_is_named(
    folder: Path, make_profile: MakeProfile, forbid_writing: Callable[[Path], None]
) -> None:
    path = folder / "voices.db"
    forbid_writing(folder)
    with pytest.raises(StorageError) as caught:
        VoiceProfileStorage(path).add(make_profile())
    assert str(caught.value) == (
        f"{path}: can't be written; choose another place with AUTOVOICE_HOME or --db"
    )


def test_waiting_for_another_program_ends(
    storage: VoiceProfileStorage, make_profile: MakeProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.add(make_profile())
    monkeypatch.setattr(busy, "TIMEOUT_SECONDS", 0.05)
    with closing(sqlite3.connect(storage.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        # A reader does not wait for a writer.
        assert [voice.name for voice in storage.list()] == ["iona"]
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
    assert [voice.name for voice in storage.list()] == ["iona"]


def test_making_a_database_does_not_wait_for_ever(
    storage: VoiceProfileStorage,
    make_profile: MakeProfile,
    reader: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(busy, "TIMEOUT_SECONDS", 0.05)
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
    assert [voice.name for voice in storage.list()] == ["iona"]
    storage.add(large)


def test_a_full_disk_is_called_by_its_name(tmp_path: Path) -> None:
    def fill() -> None:
        with database.open_for_writing(tmp_path / "v.db", create=True) as db:
            db.execute("PRAGMA max_page_count = 8")
            db.execute("CREATE TABLE filler AS SELECT zeroblob(100000)")

    with pytest.raises(StorageError) as caught:
        fill()
    assert str(caught.value) == (
        f"{tmp_path / 'v.db'}: writing stopped (database or disk is full); "
        "free some space on the disk and try again"
    )
