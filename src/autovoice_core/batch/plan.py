"""The plan of a batch: what is to be done with each song, and why."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from attrs import frozen

from autovoice_core._regular_files import digest_of_file
from autovoice_core.audio.distinct_files import is_one_file
from autovoice_core.batch.manifest import Record
from autovoice_core.batch.results import result_names
from autovoice_core.batch.songs import Song
from autovoice_core.batch.work import Settings

State = Literal["new", "changed", "missing", "retry", "failed", "refused", "done"]
"""Of a song: not done yet; the song or the settings are others; a result is not there any more;
failed before and to be tried again; failed before; can't be done at all; or done."""

TO_DO: frozenset[State] = frozenset({"new", "changed", "missing", "retry"})
"""States in which there is something to do."""

FAILED: frozenset[State] = frozenset({"failed", "refused"})
"""States in which there is an error, and nothing to do."""


@frozen
class Planned:
    """A song of a batch, and what is to be done with it.

    Attributes
    ----------
    song, settings
        The song, and all else that its results depend on.
    state
        What is to be done.
    outputs
        Places of its results below the folder of results.
    size, mtime_ns
        Of the song's file; 0 if it can't be read.
    error
        Why it failed before, or can't be done at all.
    """

    song: Song
    settings: Settings
    state: State
    outputs: tuple[str, ...]
    size: int
    mtime_ns: int
    error: str | None = None


def plan_songs(
    songs: Sequence[Song],
    settings_of: Callable[[Song], Settings],
    records: dict[str, Record],
    out: Path,
    *,
    retry: bool,
) -> list[Planned]:
    """Return the plan for ``songs``, in their order."""
    taken: dict[str, Song] = {}
    originals = {os.path.realpath(song.path): song for song in songs}
    return [
        _plan(song, settings_of(song), records, out, taken, originals, retry=retry)
        for song in songs
    ]


def _plan(
    song: Song,
    settings: Settings,
    records: dict[str, Record],
    out: Path,
    taken: dict[str, Song],
    originals: dict[str, Song],
    *,
    retry: bool,
) -> Planned:
    names = result_names(settings, song.name)
    size, mtime_ns, error = _status(song)
    if error is None:
        error = _conflict(song, names, out, taken, originals)
    record = records.get(song.name)
    state: State = "new"
    if error is not None:
        state = "refused"
    elif record is not None:
        same = record.settings == settings.digest and _is_same(song.path, size, mtime_ns, record)
        if not same:
            state = "changed"
        elif record.error is not None:
            state, error = ("retry" if retry or record.passing else "failed"), record.error
        else:
            state = "done" if _are_there(record, names, out) else "missing"
    return Planned(song, settings, state, names, size, mtime_ns, error)


def _conflict(
    song: Song,
    names: tuple[str, ...],
    out: Path,
    taken: dict[str, Song],
    originals: dict[str, Song],
) -> str | None:
    """Return why the results of a song can't have their names, which are taken otherwise."""
    # Names that differ in case alone are one file on some systems.
    holders = [taken.setdefault(name.casefold(), song) for name in names]
    other = next((holder for holder in holders if holder is not song), None)
    if other is not None:
        return (
            f"{song.path}: its result would have the name of that of {other.path}; rename one of "
            "them, or give it an `out` of its own in a list"
        )
    if any(is_one_file(out / name, song.path) for name in names):
        return f"{song.path}: would be replaced by its own result; choose another folder"
    replaced = next((s for n in names if (s := originals.get(os.path.realpath(out / n)))), None)
    if replaced is not None:
        return f"{song.path}: its result would replace {replaced.path}; choose another folder"
    return None


def _status(song: Song) -> tuple[int, int, str | None]:
    """Return size and time of a song's file, and what is wrong with it."""
    if song.fault is not None:
        return 0, 0, song.fault
    try:
        status = song.path.stat()
    except OSError as error:
        return 0, 0, f"{song.path}: can't be read ({error.strerror}); check the path"
    if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for
        return 0, 0, f"{song.path}: is no regular file; give a sound file"
    return status.st_size, status.st_mtime_ns, None


def _is_same(path: Path, size: int, mtime_ns: int, record: Record) -> bool:
    """Whether a file has the content that was recorded; it is read only where its time changed."""
    if size != record.size:
        return False
    if mtime_ns == record.mtime_ns:
        return True
    try:
        return digest_of_file(path) == record.input
    except OSError:
        return record.input is None


def _are_there(record: Record, names: tuple[str, ...], out: Path) -> bool:
    """Whether all results lie where they were written, whole."""
    if set(record.outputs) != set(names):
        return False
    for name, size in record.outputs.items():
        try:
            if (out / name).stat().st_size != size:
                return False
        except OSError:
            return False
    return True
