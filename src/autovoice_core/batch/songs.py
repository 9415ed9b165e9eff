"""The songs of a batch: those of a folder, a pattern, a list in a file, or files by name."""

from __future__ import annotations

import glob
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

from attrs import evolve, field, frozen

from autovoice_core._arguments import PathLike, as_path, describe
from autovoice_core._errors import ArgumentError, InputError
from autovoice_core._printable import printable
from autovoice_core._regular_files import open_regular
from autovoice_core._style import STYLE_NAMES, Style
from autovoice_core.audio.output_format import suffixes_of_sound

MAX_LIST_BYTES = 500_000_000
"""Largest list that is read: five million songs."""
LISTS = (".jsonl", ".txt", ".m3u", ".m3u8")
"""Suffixes of files that list songs: objects of JSON a line, or paths a line."""

# What JSON may hold, and no name of a file.
_NO_PATH = re.compile("[\0\ud800-\udc7f\udd00-\udfff]")
_WILDCARDS = frozenset("*?[")
_KEYS = ("song", "out", "voice", *STYLE_NAMES)


@frozen
class Song:
    """A song of a batch.

    Attributes
    ----------
    path
        The file, absolute.
    name
        Its place below the folder of results, with ``/`` between folders and the song's suffix.
    voice
        Name of a voice of its own, where its list gives one.
    style
        Its own style options, by name.
    fault
        A sentence that says why it can't be read, if that is known before it is opened.
    is_placed
        Whether a list gives the place.
    """

    path: Path
    name: str
    voice: str | None = None
    style: Mapping[str, Any] = field(factory=dict)
    fault: str | None = None
    is_placed: bool = field(default=False, eq=False)


def find_songs(songs: PathLike | Iterable[PathLike], out: Path) -> tuple[Song, ...]:
    """Return the songs that a caller names, sorted by name, each once.

    ``songs`` is a folder, of which all sound files at any depth are taken but for those in ``out``
    and hidden ones; a pattern such as ``"albums/**/*.flac"``; a list, a file that ends in one of
    :data:`LISTS`; a sound file; or several of them.

    Raises
    ------
    InputError
        There is no such file or folder, it holds no sound files, or a list can't be read.
    """
    if isinstance(songs, (str, bytes, os.PathLike)):
        songs = [songs]
    if not isinstance(songs, Iterable):
        raise ArgumentError(
            f"songs: {describe(songs)} is neither a folder, a list, a pattern nor several paths"
        )
    out = absolute(out)
    given = [as_path("songs", each) for each in songs]
    if not given:
        raise ArgumentError("songs: there are none; give a folder or files")
    found: dict[str, Song] = {}
    groups = [list(_songs_at(path, out)) for path in given]
    for path, group in zip(given, groups, strict=True):
        if not group:
            raise InputError(f"{path}: holds no sound files; give a folder or files that do")
    alone = len(given) == 1
    root = None if alone else Path(os.path.commonpath([s.path.parent for g in groups for s in g]))
    for song in (song for group in groups for song in group):
        name = song.name
        if root is not None and not song.is_placed:
            name = song.path.relative_to(root).as_posix()
        placed = evolve(song, name=name)
        if found.setdefault(name, placed) != placed:
            raise InputError(
                f"{printable(placed.path)}: has the same place below the folder of results as "
                f"{printable(found[name].path)}; give it another `out` in the list"
            )
    return tuple(found[name] for name in sorted(found))


def absolute(path: PathLike) -> Path:
    """Return a path from the root, without ``..``, its links not followed: they name songs too."""
    text = os.path.abspath(os.fsdecode(path))  # noqa: PTH100
    # POSIX lets two slashes at the beginning be; they are one folder all the same.
    return Path(f"/{text.lstrip('/')}" if os.name == "posix" else text)


def _songs_at(path: Path, out: Path) -> Iterator[Song]:
    """Yield the songs of one folder, pattern, list or file."""
    if path.is_dir():
        yield from _in_folder(path, out)
    elif not path.exists() and _WILDCARDS & set(str(path)):
        yield from _of_pattern(path, out)
    elif not path.exists():
        raise InputError(f"{path}: there is no such file or folder; check the path")
    elif path.suffix.lower() in LISTS:
        yield from _of_list(path)
    else:
        yield Song(absolute(path), path.name)


def _in_folder(folder: Path, out: Path) -> Iterator[Song]:
    """Yield the sound files of a folder at any depth, links followed once."""
    root, suffixes = absolute(folder), suffixes_of_sound()
    _refuse_same_folder(root, out)
    # A link may lead to either of them.
    out_there = os.path.realpath(out)
    seen: set[str] = set()
    faults: list[OSError] = []
    for place, folders, files in os.walk(root, onerror=faults.append, followlinks=True):
        here = Path(place)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and os.path.realpath(here / name) != out_there
        )
        if os.path.realpath(place) in seen:
            folders.clear()
            continue
        seen.add(os.path.realpath(place))
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in suffixes:
                yield Song(here / name, (here / name).relative_to(root).as_posix())
    for fault in faults:
        path = Path(str(fault.filename))
        text = f"{path}: the folder can't be read ({fault.strerror}); change its permissions"
        if path == root:
            raise InputError(text)
        yield Song(path, path.relative_to(root).as_posix(), fault=text)


def _refuse_same_folder(root: Path, out: Path) -> None:
    if os.path.realpath(out) == os.path.realpath(root):
        raise ArgumentError(
            f"out: {out} is the folder of the songs, which would be replaced; choose another"
        )


def _of_pattern(pattern: Path, out: Path) -> Iterator[Song]:
    """Yield the files that match a pattern, named from the folder before the first wildcard."""
    parts = pattern.parts
    first = next(i for i, part in enumerate(parts) if _WILDCARDS & set(part))
    root = absolute(Path(*parts[:first]))
    if "**" in parts and root.is_dir():  # `glob` would not end where links lead back
        for song in _in_folder(root, out):
            if _matches(song.path.relative_to(root).parts, parts[first:]):
                yield song
        return
    _refuse_same_folder(root, out)
    suffixes = suffixes_of_sound()
    results = Path(os.path.realpath(out)) if root in out.parents else None
    for name in sorted(glob.glob(str(pattern))):  # noqa: PTH207  # by the path that was given
        path = absolute(name)
        if results is not None and results in Path(os.path.realpath(path)).parents:
            continue
        if path.is_file() and path.suffix.lower() in suffixes:
            yield Song(path, path.relative_to(root).as_posix())


def _matches(names: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Whether a path matches a pattern, of which each ``**`` stands for any folders."""
    if not pattern:
        return not names
    if pattern[0] == "**":
        return _matches(names, pattern[1:]) or (bool(names) and _matches(names[1:], pattern))
    return bool(names) and fnmatch(names[0], pattern[0]) and _matches(names[1:], pattern[1:])


def _of_list(path: Path) -> Iterator[Song]:
    """Yield the songs of a list, whose paths start from its folder."""
    try:
        # Names may hold other characters that end lines for `splitlines`.
        with open_regular(path) as file:
            content = file.read(MAX_LIST_BYTES + 1)
        lines = content.decode("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"{path}: can't be read ({reason}); give a list of songs") from error
    if len(content) > MAX_LIST_BYTES:
        raise InputError(f"{path}: holds more than {MAX_LIST_BYTES} bytes; divide the list")
    as_json = path.suffix.lower() == ".jsonl"
    entries = [
        _entry(line, f"{path}, line {number}") if as_json else {"song": line.strip()}
        for number, line in enumerate(lines, 1)
        if line.strip() and (as_json or not line.startswith("#"))
    ]
    folder = absolute(path.parent)
    paths = [absolute(folder / as_path("songs", entry["song"])) for entry in entries]
    for entry, song in zip(entries, paths, strict=True):
        if not song.name:
            raise InputError(f"{path}: {describe(entry['song'])} is not the name of a file")
    inside = all(folder in each.parents for each in paths)
    root = folder if inside or not paths else Path(os.path.commonpath([p.parent for p in paths]))
    for entry, song in zip(entries, paths, strict=True):
        name = entry.get("out") or song.relative_to(root).as_posix()
        style = {key: entry[key] for key in STYLE_NAMES if key in entry}
        yield Song(song, name, entry.get("voice"), style, is_placed="out" in entry)


def _entry(line: str, place: str) -> dict[str, Any]:
    """Return a line of JSON, checked."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise InputError(
            f'{place}: is not JSON ({reason}); write for example {{"song": "a.flac"}}'
        ) from error
    if not isinstance(entry, dict) or not isinstance(entry.get("song"), str) or not entry["song"]:
        raise InputError(f'{place}: names no song; write for example {{"song": "a.flac"}}')
    if unknown := sorted(set(entry) - set(_KEYS)):
        raise InputError(f"{place}: {unknown[0]!r} is not one of {', '.join(_KEYS)}")
    for key in ("out", "voice"):
        if key in entry and (not isinstance(entry[key], str) or not entry[key]):
            raise InputError(f"{place}: {key}: {describe(entry[key])} is not text")
    if _NO_PATH.search(entry["song"]):
        raise InputError(f"{place}: song: {describe(entry['song'])} is not the name of a file")
    out = PurePosixPath(entry.get("out", "a"))
    if out.is_absolute() or ".." in out.parts:
        raise InputError(f"{place}: out: {str(out)!r} leaves the folder of results")
    if not out.name or _NO_PATH.search(str(out)):
        raise InputError(f"{place}: out: {str(out)!r} is not the name of a file")
    try:
        Style(**{key: entry[key] for key in STYLE_NAMES if key in entry})
    except InputError as error:
        raise InputError(f"{place}: {error}") from error
    return entry
