from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from autovoice_core import InputError
from autovoice_core.batch import songs
from autovoice_core.batch.songs import Song, find_songs


def listed(tmp_path: Path, *lines: str, suffix: str = ".txt") -> Path:
    path = tmp_path / f"list{suffix}"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def objects(tmp_path: Path, *entries: Any) -> Path:
    lines = [entry if isinstance(entry, str) else json.dumps(entry) for entry in entries]
    return listed(tmp_path, *lines, suffix=".jsonl")


def refusal(path: Path, out: Path) -> str:
    with pytest.raises(InputError) as caught:
        find_songs(path, out)
    return str(caught.value)


@pytest.mark.parametrize("suffix", [".txt", ".m3u", ".M3U8"])
def test_the_lines_of_a_list_are_paths_from_its_folder(
    tmp_path: Path, out: Path, suffix: str
) -> None:
    lines = ["\ufeff#EXTM3U", "b/2.flac", "", "  1.wav \r", "#EXTINF:3,Title", "b/2.flac"]
    path = listed(tmp_path, *lines, suffix=suffix)
    assert find_songs(path, out) == (
        Song(tmp_path / "1.wav", "1.wav"),
        Song(tmp_path / "b" / "2.flac", "b/2.flac"),
    )


def test_songs_outside_of_its_folder_are_named_from_the_one_that_holds_all(
    tmp_path: Path, out: Path
) -> None:
    (tmp_path / "lists").mkdir()
    path = listed(tmp_path / "lists", "../x/1.wav", f"{tmp_path}/x/y/2.wav")
    assert [(song.path, song.name) for song in find_songs(path, out)] == [
        (tmp_path / "x" / "1.wav", "1.wav"),
        (tmp_path / "x" / "y" / "2.wav", "y/2.wav"),
    ]


def test_objects_give_songs_places_voices_and_styles_of_their_own(
    tmp_path: Path, out: Path
) -> None:
    path = objects(
        tmp_path,
        {"song": "1.wav", "out": "ada/1.wav", "voice": "Ada", "key": 2, "breath": "soften"},
        "",
        {"song": "1.wav", "out": "ben/1.wav", "voice": "Ben", "key": "auto"},
        {"song": "2\u2028.wav"},
    )
    one = tmp_path / "1.wav"
    assert find_songs(path, out) == (
        Song(tmp_path / "2\u2028.wav", "2\u2028.wav"),
        Song(one, "ada/1.wav", "Ada", {"key": 2, "breath": "soften"}),
        Song(one, "ben/1.wav", "Ben", {"key": "auto"}),
    )


def test_a_character_that_ends_no_line_of_a_file_may_be_in_a_name(
    tmp_path: Path, out: Path
) -> None:
    path = listed(tmp_path, "a\u2028b\x0bc.wav")
    assert [song.name for song in find_songs(path, out)] == ["a\u2028b\x0bc.wav"]


def test_an_empty_list_is_refused(tmp_path: Path, out: Path) -> None:
    path = listed(tmp_path, "# nothing")
    assert refusal(path, out) == (f"{path}: holds no sound files; give a folder or files that do")


def test_a_list_that_is_not_utf_8_is_refused(tmp_path: Path, out: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(b"\xe9.wav\n")
    assert refusal(path, out) == f"{path}: can't be read (it is not UTF-8); give a list of songs"


def test_a_list_that_can_not_be_read_is_refused(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = listed(tmp_path, "a.wav")

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(songs, "open_regular", refuse)
    assert refusal(path, out) == (
        f"{path}: can't be read (Permission denied); give a list of songs"
    )


@pytest.mark.skipif(os.name != "posix", reason="paths of POSIX")
def test_two_slashes_at_the_beginning_of_a_path_are_one(tmp_path: Path, out: Path) -> None:
    path = listed(tmp_path, f"/{tmp_path}/1.wav", "2.wav")
    assert [song.name for song in find_songs(path, out)] == ["1.wav", "2.wav"]


@pytest.mark.skipif(os.name != "posix", reason="paths of POSIX")
@pytest.mark.parametrize("line", ["/", "//", "/a/.."])
def test_the_root_is_no_song(tmp_path: Path, out: Path, line: str) -> None:
    path = listed(tmp_path, line, "2.wav")
    assert refusal(path, out) == f"{path}: {line!r} is not the name of a file"


@pytest.mark.skipif(os.name != "posix", reason="paths of POSIX")
def test_a_device_is_no_list(tmp_path: Path, out: Path) -> None:
    path = tmp_path / "list.m3u"
    path.symlink_to("/dev/zero")
    assert refusal(path, out) == (
        f"{path}: can't be read (it is no file but a FIFO, a device or a socket); give a list of "
        "songs"
    )


def test_a_list_without_end_is_refused(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = listed(tmp_path, "a.wav")
    monkeypatch.setattr(songs, "MAX_LIST_BYTES", 4)
    assert refusal(path, out) == f"{path}: holds more than 4 bytes; divide the list"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            "{song: 1}",
            "is not JSON (Expecting property name enclosed in double quotes: line 1 column 2 "
            '(char 1)); write for example {"song": "a.flac"}',
        ),
        ("[]", 'names no song; write for example {"song": "a.flac"}'),
        ('{"out": "a.flac"}', 'names no song; write for example {"song": "a.flac"}'),
        ('{"song": ""}', 'names no song; write for example {"song": "a.flac"}'),
        (
            '{"song": "a", "tempo": 2, "zzz": 1}',
            "'tempo' is not one of song, out, voice, key, formant, strength, breath, vibrato, seed",
        ),
        ('{"song": "a", "voice": 3}', "voice: 3 is not text"),
        ('{"song": "a", "out": ""}', "out: '' is not text"),
        ('{"song": "a", "out": "../b"}', "out: '../b' leaves the folder of results"),
        ('{"song": "a", "out": "/b"}', "out: '/b' leaves the folder of results"),
        ('{"song": "a", "out": "./"}', "out: '.' is not the name of a file"),
        ('{"song": "a", "out": "b\\u0000"}', "out: 'b\\x00' is not the name of a file"),
        ('{"song": "a\\u0000"}', "song: 'a\\x00' is not the name of a file"),
        ('{"song": "\\ud800"}', "song: '\\ud800' is not the name of a file"),
        ('{"song": "a", "out": "\\ud800"}', "out: '\\ud800' is not the name of a file"),
        (
            "[" * 100_000,
            'is not JSON (nested too deeply); write for example {"song": "a.flac"}',
        ),
        (
            '{"song": "a", "key": 99}',
            "key: 99 is neither 'auto', 'auto-semitone' nor a number of semitones from -24 to 24",
        ),
    ],
)
def test_a_line_that_is_no_song_is_refused(
    tmp_path: Path, out: Path, line: str, fault: str
) -> None:
    path = objects(tmp_path, {"song": "1.wav"}, "", line)
    assert refusal(path, out) == f"{path}, line 3: {fault}"


def test_a_song_whose_name_no_file_can_have_is_refused(tmp_path: Path, out: Path) -> None:
    path = listed(tmp_path, "a\0.wav")
    assert refusal(path, out) == ("songs: 'a\\x00.wav' is not a path; give text or a pathlib.Path")


def test_control_characters_of_two_songs_of_one_place_are_shown(tmp_path: Path, out: Path) -> None:
    songs = ({"song": f"{name}\x1b.wav", "out": "x.wav"} for name in "ab")
    shown = [f"{tmp_path}/{name}\\x1b.wav" for name in "ab"]
    assert refusal(objects(tmp_path, *songs), out) == (
        f"{shown[1]}: has the same place below the folder of results as {shown[0]}; give it "
        "another `out` in the list"
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"song": "1.wav", "out": "x.wav"}, {"song": "2.wav", "out": "x.wav"}),
        ({"song": "1.wav", "voice": "Ada"}, {"song": "1.wav", "voice": "Ben"}),
        ({"song": "1.wav"}, {"song": "1.wav", "key": 2}),
    ],
)
def test_two_different_songs_of_one_place_are_refused(
    tmp_path: Path, out: Path, first: dict[str, str], second: dict[str, str]
) -> None:
    path = objects(tmp_path, first, second)
    assert refusal(path, out) == (
        f"{tmp_path / second['song']}: has the same place below the folder of results as "
        f"{tmp_path / first['song']}; give it another `out` in the list"
    )


def test_a_place_of_a_list_holds_beside_other_paths(tmp_path: Path, out: Path) -> None:
    path = objects(tmp_path, {"song": "1.wav", "out": "duet/her.wav"})
    one = tmp_path / "1.wav"
    one.touch()
    assert find_songs([one, path], out) == (Song(one, "1.wav"), Song(one, "duet/her.wav"))
