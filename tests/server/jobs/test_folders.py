from __future__ import annotations

from pathlib import Path

import pytest

from autovoice_core import InputError
from autovoice_core.server.jobs.folders import Folders, remove, result_file
from autovoice_core.server.jobs.schemas import JobSource


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders(tmp_path / "server")
    folders.take()
    folders.leave()
    return folders


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_folders_are_for_this_user_alone(folders: Folders) -> None:
    for folder in (folders.uploads.parent, folders.uploads, folders.results):
        assert folder.stat().st_mode & 0o077 == 0


def test_a_folder_serves_one_server_at_a_time(folders: Folders) -> None:
    folder = folders.uploads.parent
    folders.take()
    with pytest.raises(InputError) as caught:
        Folders(folder).take()
    folders.leave()
    assert str(caught.value) == (
        f"{folder}: is used by another server; end it or choose another folder"
    )


def test_a_folder_that_cant_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError) as caught:
        Folders(tmp_path / "file" / "server").take()
    assert str(caught.value) == (
        f"{tmp_path}/file/server: the folder can't be used (Not a directory); choose another"
    )


def test_what_is_complete_moves_to_its_place(folders: Folders) -> None:
    (folders.incoming / "song0001").write_bytes(b"x")
    folders.keep_upload("song0001")
    work = folders.work / "job00001-2"
    work.mkdir()
    (work / "pitch.csv").write_bytes(b"y")
    (folders.results / "job00001").mkdir()  # left by a server that was killed
    (folders.results / "job00001" / "half").touch()
    folders.keep_result(work, "job00001")
    assert names(folders.incoming) == names(folders.work) == []
    assert names(folders.uploads) == ["song0001"]
    assert names(folders.results / "job00001") == ["pitch.csv"]
    output = JobSource(job="job00001", output="pitch")
    assert folders.source(output).read_bytes() == b"y"
    assert folders.source(JobSource(upload="song0001")).read_bytes() == b"x"


def test_what_is_half_made_or_unknown_is_removed(folders: Folders) -> None:
    (folders.incoming / "song0002").touch()
    (folders.work / "job00002-1").mkdir()
    (folders.work / "job00002-1" / "vocals.flac").touch()
    for upload in ("song0001", "unknown1"):
        (folders.uploads / upload).touch()
    for job in ("job00001", "unknown2"):
        (folders.results / job).mkdir()
    folders.remove_unknown(["song0001"], ["job00001"])
    assert names(folders.incoming) == names(folders.work) == []
    assert (names(folders.uploads), names(folders.results)) == (["song0001"], ["job00001"])


def test_a_link_is_removed_and_not_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").touch()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "folder")
    remove(link)
    remove(link)
    assert names(tmp_path) == ["folder"]
    assert names(tmp_path / "folder") == ["file"]


def test_an_output_is_found_by_its_whole_name_alone(tmp_path: Path) -> None:
    (tmp_path / "pitch_converted.csv").touch()
    (tmp_path / "pitch.csv").touch()
    assert result_file(tmp_path, "pitch") == tmp_path / "pitch.csv"
    for name in ("pit", "*", "../" + tmp_path.name, "pitch.csv"):
        with pytest.raises(FileNotFoundError):
            result_file(tmp_path, name)
