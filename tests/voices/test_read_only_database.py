from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from attrs import evolve

from autovoice_core import StorageError, VoiceProfile, VoiceProfileStorage

MakeProfile = Callable[..., VoiceProfile]


@pytest.fixture
def storage(folder: Path) -> VoiceProfileStorage:
    return VoiceProfileStorage(folder / "voices.db")


@pytest.fixture
def read_only(
    storage: VoiceProfileStorage, make_profile: MakeProfile, forbid_writing: Callable[[Path], None]
) -> VoiceProfileStorage:
    """Voices in a folder and a file that may not be written."""
    storage.add(make_profile("iona"))
    storage.path.chmod(0o444)
    forbid_writing(storage.path.parent)
    return storage


def test_voices_that_can_not_be_written_are_read(read_only: VoiceProfileStorage) -> None:
    assert [voice.name for voice in read_only.list()] == ["iona"]
    assert read_only.summary("iona").name == read_only.get("iona").name == "iona"
    assert list(read_only.path.parent.iterdir()) == [read_only.path]


def test_a_reader_leaves_no_log_beside_a_file_of_another_user(
    storage: VoiceProfileStorage, make_profile: MakeProfile, forbid_writing: Callable[[Path], None]
) -> None:
    storage.add(make_profile("iona"))
    storage.path.chmod(0o444)
    folder = storage.path.parent
    folder.chmod(0o777)
    (folder / "another").mkdir()
    forbid_writing(folder / "another")  # and become somebody else, if this is root
    assert [voice.name for voice in storage.list()] == ["iona"]
    assert sorted(path.name for path in folder.iterdir()) == ["another", storage.path.name]


@pytest.mark.parametrize("change", ["require_free", "add", "replace", "remove", "rename", "set"])
def test_a_change_to_voices_that_can_not_be_written_is_refused(
    read_only: VoiceProfileStorage, change: str
) -> None:
    profile = read_only.get("iona")
    changes: dict[str, Callable[[], object]] = {
        "require_free": lambda: read_only.require_free("new"),
        "add": lambda: read_only.add(evolve(profile, name="new")),
        "replace": lambda: read_only.require_free("iona", replace=True),
        "remove": lambda: read_only.remove("iona"),
        "rename": lambda: read_only.rename("iona", "new"),
        "set": lambda: read_only.set_style("iona", key=1.0),
    }
    with pytest.raises(StorageError) as caught:
        changes[change]()
    assert str(caught.value) == (
        f"{read_only.path}: can't be written; choose another place with AUTOVOICE_HOME or --db"
    )


def test_a_name_with_marks_of_an_address_is_read(
    folder: Path, make_profile: MakeProfile, forbid_writing: Callable[[Path], None]
) -> None:
    storage = VoiceProfileStorage(folder / "a?b#c%20d" / "é voices?.db")
    storage.add(make_profile("iona"))
    storage.path.parent.chmod(0o755)
    storage.path.chmod(0o644)
    forbid_writing(storage.path.parent)
    assert [voice.name for voice in storage.list()] == ["iona"]


def test_a_place_where_voices_can_not_be_made_is_found_out_beforehand(
    folder: Path, forbid_writing: Callable[[Path], None]
) -> None:
    forbid_writing(folder)
    path = folder / "new" / "voices.db"
    with pytest.raises(StorageError) as caught:
        VoiceProfileStorage(path).require_free("iona")
    assert str(caught.value) == (
        f"{path}: can't be made (Permission denied); "
        "choose another place with AUTOVOICE_HOME or --db"
    )


def test_what_another_program_is_writing_is_read_with_its_log(
    storage: VoiceProfileStorage, make_profile: MakeProfile, forbid_writing: Callable[[Path], None]
) -> None:
    storage.add(make_profile("iona"))
    with closing(sqlite3.connect(storage.path, isolation_level=None)) as other:
        other.execute("UPDATE voices SET name = 'freya'")  # which is in the log alone
        for path in storage.path.parent.iterdir():
            path.chmod(0o644)
        forbid_writing(storage.path.parent)
        assert [voice.name for voice in storage.list()] == ["freya"]
