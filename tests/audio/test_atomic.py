from __future__ import annotations

import os
from pathlib import Path

import pytest

from autovoice_core import InputError
from autovoice_core.audio.atomic import atomic_file, atomic_folder


def test_the_file_appears_only_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "result.txt"
    with atomic_file(path) as temporary:
        temporary.write_text("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_keeps_the_file_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "result.txt"
    path.write_text("old")

    def failing() -> None:
        with atomic_file(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_are_those_of_a_plainly_written_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    with atomic_file(tmp_path / "result"):
        pass
    assert (tmp_path / "result").stat().st_mode == (tmp_path / "plain").stat().st_mode


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught, atomic_file(path):
        raise AssertionError("the body must not run")
    return str(caught.value)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none" / "out.wav"
    assert refusal(path) == f"{path}: the folder {path.parent} does not exist; make it first"


def test_a_directory_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path}: is a directory; give the name of a file"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "out.wav"
    assert refusal(path) == f"{path}: can't be written (Not a directory); choose another place"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    path = tmp_path / "out.wav"
    assert refusal(path) == f"{path}: can't be written (Permission denied); choose another place"


def fill(folder: Path, *names: str) -> None:
    with atomic_folder(folder) as made:
        for name in names:
            (made / name).touch()
        raise RuntimeError


def test_a_folder_is_made_with_what_leads_to_it(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "new" / "folder") as made:
        assert made.is_dir()
    assert made.is_dir()


def test_a_failure_removes_the_folders_that_were_made(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    with pytest.raises(RuntimeError):
        fill(tmp_path / "old" / "new" / "folder")
    assert list(tmp_path.iterdir()) == [tmp_path / "old"]
    assert not list((tmp_path / "old").iterdir())


def test_a_failure_keeps_a_folder_that_somebody_put_something_into(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        fill(tmp_path / "new", "theirs")
    assert (tmp_path / "new" / "theirs").exists()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file" / "folder"
    (tmp_path / "file").touch()
    with pytest.raises(InputError) as caught:
        fill(path)
    assert str(caught.value) == (
        f"{path}: the folder can't be made (Not a directory); choose another"
    )
