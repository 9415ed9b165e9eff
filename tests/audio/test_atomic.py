from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from autovoice_core import InputError
from autovoice_core.audio.atomic import atomic_file, atomic_folder, check_output


def write(path: Path, text: str) -> None:
    with atomic_file(path) as temporary:
        temporary.write_text(text)


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
    assert refusal(path) == (
        f"{path}: {tmp_path / 'file'} is a file, not a folder; choose another place"
    )


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_is_followed_and_stays(tmp_path: Path, exists: bool) -> None:
    (tmp_path / "music").mkdir()
    target, link = tmp_path / "music" / "target", tmp_path / "link"
    if exists:
        target.write_text("old")
    link.symlink_to("music/target")
    write(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert [path.name for path in target.parent.iterdir()] == ["target"]


def test_a_link_that_leads_in_a_circle_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(link)
    assert refusal(link) == (
        f"{link}: can't be written (Too many levels of symbolic links); choose another place"
    )


def test_a_link_into_a_missing_folder_names_that_folder(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "none" / "target")
    assert refusal(link) == f"{link}: the folder {tmp_path / 'none'} does not exist; make it first"


def test_the_mode_and_owner_of_a_replaced_file_stay(tmp_path: Path) -> None:
    path = tmp_path / "result"
    path.write_text("old")
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, 1234, 2345)
    before = path.stat()
    write(path, "new")
    after = path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode,
        before.st_uid,
        before.st_gid,
    )


def test_another_hard_link_keeps_the_old_content(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("old")
    other.hardlink_to(one)
    write(one, "new")
    assert (one.read_text(), other.read_text()) == ("new", "old")


def test_an_existing_file_is_kept_on_request(tmp_path: Path) -> None:
    path = tmp_path / "result"
    path.write_text("old")
    with pytest.raises(InputError) as caught, atomic_file(path, overwrite=False):
        pass
    message = f"{path}: already exists, and overwrite=False was given; choose another name"
    assert str(caught.value) == message
    with pytest.raises(InputError) as caught:
        check_output(path, overwrite=False)
    assert str(caught.value) == message


def test_a_file_that_appears_during_the_work_is_kept_on_request(tmp_path: Path) -> None:
    path = tmp_path / "result"

    def both_write() -> None:
        with atomic_file(path, overwrite=False) as temporary:
            temporary.write_text("ours")
            path.write_text("theirs")

    with pytest.raises(InputError):
        both_write()
    assert path.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_names_the_file(tmp_path: Path, number: int) -> None:
    path = tmp_path / "result"
    with pytest.raises(InputError) as caught, atomic_file(path):
        raise OSError(number, os.strerror(number))
    assert str(caught.value).startswith(f"{path}: writing stopped ({os.strerror(number)}); ")
    assert str(caught.value).endswith(" or choose another place")
    assert not list(tmp_path.iterdir())


def test_a_name_of_the_greatest_length_is_written(tmp_path: Path) -> None:
    write(tmp_path / ("x" * 255), "whole")
    assert [len(path.name) for path in tmp_path.iterdir()] == [255]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "result"
    path.touch(0o400)
    assert refusal(path) == (
        f"{path}: may not be written; change its permissions or choose another place"
    )


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
        f"{path}: the folder can't be made ({tmp_path / 'file'} is a file); choose another"
    )
    with pytest.raises(InputError) as caught:
        fill(tmp_path / "file")
    assert str(caught.value) == (
        f"{tmp_path / 'file'}: the folder can't be made (it is a file); choose another"
    )


@pytest.mark.parametrize("name", ["voices.db", "voices.html", "linked.html"])
def test_a_database_is_not_replaced_by_whatever_name(tmp_path: Path, name: str) -> None:
    voices = tmp_path / "voices.db"
    with closing(sqlite3.connect(voices)) as db:
        db.execute("CREATE TABLE voices (name)")
    if name == "voices.html":
        voices.rename(tmp_path / name)
    elif name != "voices.db":
        (tmp_path / name).hardlink_to(voices)
    with pytest.raises(InputError) as caught:
        check_output(tmp_path / name)
    assert str(caught.value) == (
        f"{tmp_path / name}: is a database, such as that of your voices; choose another place"
    )
