from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core import InputError
from autovoice_core.batch.results import result_names
from autovoice_core.batch.songs import Song, find_songs
from autovoice_core.batch.work import TASKS, Settings


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def names(songs: Any, out: Path) -> list[str]:
    return [song.name for song in find_songs(songs, out)]


def refusal(songs: Any, out: Path) -> str:
    with pytest.raises(InputError) as caught:
        find_songs(songs, out)
    return str(caught.value)


@pytest.fixture
def albums(tmp_path: Path) -> Path:
    return touch(tmp_path / "albums", "b/2.flac", "b/1.WAV", "a.mp3", "b/live/3.m4a", "cover.jpg")


def test_all_sound_files_of_a_folder_are_songs_at_any_depth(albums: Path, out: Path) -> None:
    found = find_songs(albums, out)
    assert [song.name for song in found] == ["a.mp3", "b/1.WAV", "b/2.flac", "b/live/3.m4a"]
    assert [song.path for song in found] == [albums / song.name for song in found]


def test_a_path_may_be_text_and_relative(
    albums: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(albums)
    assert find_songs("b/../b", out) == find_songs(albums / "b", out)


def test_hidden_files_and_folders_are_no_songs(albums: Path, out: Path) -> None:
    touch(albums, ".x.wav", ".trash/y.wav", "b/._1.WAV")
    assert names(albums, out) == ["a.mp3", "b/1.WAV", "b/2.flac", "b/live/3.m4a"]
    assert names(f"{albums}/**/*", out) == ["a.mp3", "b/1.WAV", "b/2.flac", "b/live/3.m4a"]


def test_results_inside_of_the_folder_are_no_songs(albums: Path) -> None:
    touch(albums, "b/out/1.wav", "b/out/deep/1.wav")
    out = albums / "b" / "out"
    assert names(albums, out) == ["a.mp3", "b/1.WAV", "b/2.flac", "b/live/3.m4a"]
    assert names(f"{albums}/**/*", out) == names(albums, out)


@pytest.mark.parametrize("of_songs", [True, False])
def test_results_inside_of_the_folder_are_no_songs_by_a_link_either(
    albums: Path, tmp_path: Path, of_songs: bool
) -> None:
    touch(albums, "out/1.wav")
    link = tmp_path / "link"
    link.symlink_to(albums if of_songs else albums / "out")
    songs, out = (link, albums / "out") if of_songs else (albums, link)
    assert names(songs, out) == ["a.mp3", "b/1.WAV", "b/2.flac", "b/live/3.m4a"]


def test_songs_inside_of_the_folder_of_results_are_songs(albums: Path) -> None:
    assert names(albums / "b", albums) == ["1.WAV", "2.flac", "live/3.m4a"]
    assert names(f"{albums}/b/*", albums) == ["1.WAV", "2.flac"]


def test_links_are_followed_once(albums: Path, tmp_path: Path, out: Path) -> None:
    (albums / "b" / "back").symlink_to(albums)
    (albums / "same.mp3").symlink_to(albums / "a.mp3")
    touch(tmp_path / "elsewhere", "4.wav")
    (albums / "more").symlink_to(tmp_path / "elsewhere")
    (albums / "again").symlink_to(albums)
    expected = ["a.mp3", "b/1.WAV", "b/2.flac", "b/live/3.m4a", "more/4.wav", "same.mp3"]
    assert names(albums, out) == expected
    assert names(f"{albums}/**/*", out) == expected


def test_a_pattern_is_named_from_the_folder_before_its_first_wildcard(
    albums: Path, out: Path
) -> None:
    assert names(f"{albums}/b/**/*", out) == ["1.WAV", "2.flac", "live/3.m4a"]
    assert names(f"{albums}/*/[0-9].fl?c", out) == ["b/2.flac"]
    assert names(f"{albums}/**/l*/**/*.m4a", out) == ["b/live/3.m4a"]
    assert names(f"{albums}/*/**", out) == names(albums, out)
    assert names(f"{albums}/**/[b]/*", out) == ["b/1.WAV", "b/2.flac"]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path, out: Path) -> None:
    touch(tmp_path, "[live].wav", "l.wav")
    assert names(tmp_path / "[live].wav", out) == ["[live].wav"]


def test_a_file_is_taken_whatever_its_suffix(albums: Path, out: Path) -> None:
    assert names(albums / "cover.jpg", out) == ["cover.jpg"]


def test_several_paths_are_named_from_the_folder_that_holds_them_all(
    albums: Path, tmp_path: Path, out: Path
) -> None:
    touch(tmp_path / "more", "a.mp3")
    given = [albums / "b" / "live", albums / "a.mp3", tmp_path / "more" / "a.mp3"]
    assert names(given, out) == ["albums/a.mp3", "albums/b/live/3.m4a", "more/a.mp3"]
    assert names(iter(given[:2]), out) == ["a.mp3", "b/live/3.m4a"]


def test_a_song_that_is_given_twice_is_done_once(albums: Path, out: Path) -> None:
    assert names([albums / "b", albums / "b" / "1.WAV", f"{albums}/b/*.flac"], out) == [
        *("1.WAV", "2.flac", "live/3.m4a"),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux")
def test_a_name_that_is_no_text_is_kept(tmp_path: Path, out: Path) -> None:
    odd = os.fsdecode(b"\xe9.wav")
    touch(tmp_path / "songs", odd)
    assert names(tmp_path / "songs", out) == [odd]


@pytest.fixture
def locked(albums: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the system refuses to list, as it does for all but root."""
    walk = os.walk
    locked = albums / "b"

    def refusing(top: Any, onerror: Any, **how: Any) -> Iterator[Any]:
        if Path(top) == locked:
            onerror(PermissionError(13, "Permission denied", str(locked)))
            return
        for place, folders, files in walk(top, onerror=onerror, **how):
            if "b" in folders:
                folders.remove("b")
                onerror(PermissionError(13, "Permission denied", str(locked)))
            yield place, folders, files

    monkeypatch.setattr(os, "walk", refusing)
    return locked


def test_a_folder_in_it_that_can_not_be_read_is_a_song_that_can_not(
    albums: Path, locked: Path, out: Path
) -> None:
    fault = f"{locked}: the folder can't be read (Permission denied); change its permissions"
    assert find_songs(albums, out) == (
        Song(albums / "a.mp3", "a.mp3"),
        Song(locked, "b", fault=fault),
    )


def test_a_folder_that_can_not_be_read_is_refused(locked: Path, out: Path) -> None:
    assert refusal(locked, out) == (
        f"{locked}: the folder can't be read (Permission denied); change its permissions"
    )


def test_a_missing_path_is_refused(tmp_path: Path, out: Path) -> None:
    assert refusal(tmp_path / "none", out) == (
        f"{tmp_path / 'none'}: there is no such file or folder; check the path"
    )


def test_a_folder_without_sound_is_refused(tmp_path: Path, out: Path) -> None:
    touch(tmp_path / "texts", "a.doc")
    assert refusal(tmp_path / "texts", out) == (
        f"{tmp_path / 'texts'}: holds no sound files; give a folder or files that do"
    )


def test_a_pattern_that_nothing_matches_is_refused(albums: Path, out: Path) -> None:
    assert refusal([albums, f"{albums}/*.flac"], out) == (
        f"{albums}/*.flac: holds no sound files; give a folder or files that do"
    )


@pytest.mark.parametrize("pattern", ["", "/*"])
def test_the_folder_of_the_songs_is_refused_for_the_results(albums: Path, pattern: str) -> None:
    assert refusal(f"{albums}{pattern}", albums) == (
        f"out: {albums} is the folder of the songs, which would be replaced; choose another"
    )


def test_no_songs_are_refused(out: Path) -> None:
    assert refusal([], out) == "songs: there are none; give a folder or files"


def test_what_is_no_path_is_refused(out: Path) -> None:
    assert refusal(3, out) == ("songs: 3 is neither a folder, a list, a pattern nor several paths")
    assert refusal([3], out) == "songs: 3 is not a path; give text or a pathlib.Path"


NAMES = st.text(st.sampled_from("aA.b"), min_size=1, max_size=3).filter(lambda n: n.strip("."))
PLACES = st.tuples(st.lists(NAMES, max_size=2), NAMES, st.sampled_from([".wav", ".FLAC", ".m4a"]))


@given(st.lists(PLACES, min_size=1, max_size=6), st.sampled_from(TASKS))
def test_every_song_has_a_name_of_its_own_and_results_below_the_folder(
    places: list[tuple[list[str], str, str]], task: Any
) -> None:
    with TemporaryDirectory() as folder:
        root, out = Path(folder) / "songs", Path(folder) / "out"
        for folders, name, suffix in places:
            try:
                touch(root, "/".join([*folders, f"{name}{suffix}"]))
            except OSError:  # a folder has the name
                continue
        shown = [path for path in root.rglob("*") if path.is_file()]
        shown = [p for p in shown if not any(n.startswith(".") for n in p.relative_to(root).parts)]
        if not shown:
            return
        found = find_songs(root, out)
        assert sorted(song.path for song in found) == sorted(shown)
        assert len({song.name for song in found}) == len(found)
        options = {"stems": True, "report": True} if task == "convert" else {}
        for song in found:
            for name in result_names(Settings(task, options, None, {}, {}), song.name):
                assert out in Path(os.path.normpath(out / name)).parents
