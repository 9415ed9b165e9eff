"""Lists of songs and manifests of any lines: they are taken, counted as unread, or refused."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import attrs
import pytest
from fuzzing import require_line
from hypothesis import strategies as st

from autovoice_core import InputError
from autovoice_core.batch.manifest import NAME, VERSION, Manifest, Record
from autovoice_core.batch.plan import plan_songs
from autovoice_core.batch.songs import Song, find_songs
from autovoice_core.batch.work import Settings

pytestmark = pytest.mark.skipif(os.name != "posix", reason="paths of POSIX")

Fuzz = Callable[..., None]

SETTINGS = Settings("convert", {"stems": True, "report": True}, None, {}, {})

_odd = st.sampled_from(
    [
        *(
            None,
            True,
            -1,
            10**400,
            2**63,
            1e308,
            "",
            ".",
            "..",
            "/",
            "//",
            "a/..",
            "../x",
            "~",
            "*",
        ),
        *(
            "a\0b",
            "a\nb",
            "\ud800",
            "\udcff",
            "\x1b[2J",
            "\u202e",
            "\u2028",
            "x" * 5000,
            "a/" * 3000,
        ),
        *("a.flac", "sub/a.flac", "/etc/passwd", "auto", "nan", [], {}, [[]], {"": {}}, ["a.flac"]),
        *("\\", "C:\\x", "con", ".hidden", "a.flac/", "a//b", " ", "voice.stems/vocals.flac"),
    ]
)
_json = _odd | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(), some, max_size=3),
    max_leaves=4,
)
_entries = st.dictionaries(
    st.sampled_from(["song", "out", "voice", "key", "formant", "strength", "breath", "seed", "x"]),
    _json,
    max_size=5,
)
_named = st.builds(lambda song, entry: {"song": song} | entry, _odd | st.text(max_size=9), _entries)
_junk = st.sampled_from(
    ["{", "[]", "null", '"a"', "[" * 40_000, '{"song": 1e999}', "\0", "9" * 5000]
)
_lines = st.one_of(
    _named.map(json.dumps), _json.map(json.dumps), st.text(max_size=20), _junk, st.just("a.flac")
)
_lists = st.lists(_lines, max_size=5).map("\n".join)

RECORD = {"version": VERSION} | attrs.asdict(Record("a.flac", "a.flac", 9, 9, "ab", "cd", {"a": 1}))
_changes = st.dictionaries(st.sampled_from([*RECORD, "unheard_of"]), _json, max_size=4)
_records = st.builds(lambda changes: json.dumps(RECORD | changes), _changes)


def require_inside(folder: Path, name: str) -> None:
    """Check that a place is one below the folder of results, and that of a file."""
    place = PurePosixPath(name)
    assert place.name
    assert not place.is_absolute()
    assert ".." not in place.parts
    assert folder in (folder / place).parents


@pytest.mark.parametrize("suffix", [".jsonl", ".txt", ".m3u8"])
def test_a_list_of_any_lines_names_songs_or_is_refused_in_one_line(
    fuzz: Fuzz, tmp_path: Path, suffix: str
) -> None:
    path, out = tmp_path / f"list{suffix}", tmp_path / "out"
    (tmp_path / "a.flac").write_bytes(b"sound")

    def check(text: str) -> None:
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            songs = find_songs(path, out)
            plan_songs(songs, lambda _: SETTINGS, {}, out, retry=False)
        except InputError as error:
            require_line(error)
            return
        for song in songs:
            require_inside(out, song.name)

    fuzz(_lists, check, examples=120)


def test_a_manifest_of_any_lines_is_read_line_by_line(fuzz: Fuzz, tmp_path: Path) -> None:
    song = tmp_path / "a.flac"
    song.write_bytes(b"sound")

    def check(lines: list[str]) -> None:
        content = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")
        (tmp_path / NAME).write_bytes(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            manifest = Manifest(tmp_path)
        for retry in (False, True):
            (planned,) = plan_songs(
                [Song(song, "a.flac")], lambda _: SETTINGS, manifest.records, tmp_path, retry=retry
            )
            assert planned.error is None or isinstance(planned.error, str)
        with manifest.locked():
            manifest.add(Record("b.flac", "b.flac", 1, 1, None, "", {}))
        again: Any = json.loads((tmp_path / NAME).read_bytes().split(b"\n")[-2])
        assert again["song"] == "b.flac"

    fuzz(st.lists(_records | _lines, max_size=4), check, examples=150)
