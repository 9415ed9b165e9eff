from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio, InputError
from autovoice_core.audio.reading import AudioFile
from autovoice_core.songs.outputs import (
    MAX_NAME_BYTES,
    OutputPaths,
    conversion_paths,
    default_out,
    open_outputs,
    refuse_overwriting,
)

BLOCK = np.full((1, 800), 0.25, np.float32)


@pytest.fixture
def song(tmp_path: Path) -> AudioFile:
    path = tmp_path / "song.wav"
    Audio(BLOCK, 8000).save(path)
    return AudioFile(path)


def test_a_file_is_not_written_over_what_is_read(tmp_path: Path, song: AudioFile) -> None:
    link = tmp_path / "link.wav"
    link.symlink_to(song.path)
    refuse_overwriting(song, tmp_path / "other.wav", "choose another")
    with pytest.raises(InputError) as caught:
        refuse_overwriting(song, link, "choose another")
    assert str(caught.value) == f"{link}: is the song itself; choose another"


def test_a_hard_link_to_what_is_read_is_not_written_over(tmp_path: Path, song: AudioFile) -> None:
    other = tmp_path / "other.wav"
    other.hardlink_to(song.path)
    with pytest.raises(InputError) as caught:
        conversion_paths(song, other, None, (), None, overwrite=True)
    assert str(caught.value) == f"{other}: is the song itself; give the result another name"


def test_a_link_to_another_output_is_one_name_too_many(tmp_path: Path, song: AudioFile) -> None:
    page = tmp_path / "page.html"
    page.symlink_to(tmp_path / "mix.wav")
    with pytest.raises(InputError) as caught:
        conversion_paths(song, tmp_path / "mix.wav", None, (), page, overwrite=True)
    assert str(caught.value) == f"{page}: two files would have this name; choose another"


def test_a_page_has_the_suffix_of_one(tmp_path: Path, song: AudioFile) -> None:
    page = tmp_path / "report.txt"
    with pytest.raises(InputError) as caught, open_outputs(song, OutputPaths(report=page)):
        pass
    assert str(caught.value) == (
        f"{page}: the name of a page ends in .html or .htm; name it report.html"
    )


def test_a_folder_for_stems_has_no_name_of_a_sound_file(tmp_path: Path, song: AudioFile) -> None:
    folder = tmp_path / "vocals.wav"
    paths = OutputPaths(stems_folder=folder, stems=(folder / "vocals.flac",))
    with pytest.raises(InputError) as caught, open_outputs(song, paths):
        pass
    assert str(caught.value) == (
        f"{folder}: is the name of a sound file; give the name of a folder"
    )
    assert not folder.exists()


def test_files_that_exist_are_named_and_kept_on_request(tmp_path: Path, song: AudioFile) -> None:
    mix, page = tmp_path / "mix.wav", tmp_path / "page.html"
    page.write_text("old")
    with open_outputs(song, OutputPaths(mix, report=page)) as outputs:
        assert outputs.replaced == (page,)
        assert outputs.report is not None
        outputs.report.write_text("new")
        outputs.writers[0].write(BLOCK)
    assert page.read_text() == "new"
    with pytest.raises(InputError) as caught:
        open_outputs(song, OutputPaths(mix, report=page, overwrite=False)).__enter__()
    assert str(caught.value) == (
        f"{page}: already exists, and overwrite=False was given; choose another name"
    )


def test_all_outputs_appear_on_success(tmp_path: Path, song: AudioFile) -> None:
    stems = tmp_path / "new" / "stems"
    paths = OutputPaths(
        tmp_path / "mix.wav", stems, (stems / "vocals.flac",), tmp_path / "page.html"
    )
    with open_outputs(song, paths) as outputs:
        assert outputs.report is not None
        outputs.report.write_text("page")
        (outputs.scratch / "vocals").touch()
        for writer in outputs.writers:
            writer.write(BLOCK)
        assert not any(path.exists() for path in (paths.mix, *paths.stems, paths.report) if path)
    assert not outputs.scratch.exists()
    assert (tmp_path / "page.html").read_text() == "page"
    for path in (tmp_path / "mix.wav", stems / "vocals.flac"):
        np.testing.assert_array_equal(Audio.load(path).numpy(), BLOCK)


@pytest.mark.parametrize(
    ("mix", "report"), [("no/mix.wav", "page.html"), ("mix.xyz", "page.html"), ("mix.wav", "no/p")]
)
def test_a_place_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, song: AudioFile, mix: str, report: str
) -> None:
    stems = tmp_path / "new" / "stems"
    paths = OutputPaths(tmp_path / mix, stems, (stems / "vocals.flac",), tmp_path / report)
    with pytest.raises(InputError), open_outputs(song, paths):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["song.wav"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("song.wav", "song.Ada.wav"),
        ("song.aifc", "song.Ada.wav"),
        ("song.m4a", "song.Ada.wav"),
        ("song", "song.Ada.wav"),
        ("Mr. Blue", "Mr. Blue.Ada.wav"),
        ("1. first.part.wav", "1. first.part.Ada.wav"),
    ],
)
def test_the_default_name_can_be_written(
    tmp_path: Path, song: AudioFile, name: str, expected: str
) -> None:
    path = song.path.rename(tmp_path / name)
    assert default_out(AudioFile(path), "Ada") == tmp_path / expected


@pytest.mark.parametrize("letter", ["x", "é", "歌"])
@pytest.mark.parametrize("size", [240, 250, 255])
def test_a_default_name_is_shortened_to_what_a_file_system_takes(
    tmp_path: Path, song: AudioFile, letter: str, size: int
) -> None:
    stem = letter * ((size - 4) // len(letter.encode()))
    path = default_out(AudioFile(song.path.rename(tmp_path / f"{stem}.wav")), "Ada")
    assert path.name.endswith(f"{letter}.Ada.wav")
    assert len(path.name.encode()) <= MAX_NAME_BYTES
    with open_outputs(song, OutputPaths(path)) as outputs:
        outputs.writers[0].write(BLOCK)
    assert path.exists()
