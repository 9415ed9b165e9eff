from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from batch_runs import hum, record

from autovoice_core.batch.manifest import Record
from autovoice_core.batch.plan import Planned, plan_songs
from autovoice_core.batch.songs import Song
from autovoice_core.batch.work import Settings

TRACKS = Settings("pitch", {"suffix": ".csv"}, None, {}, {})


def planned(
    songs: Sequence[Song],
    out: Path,
    records: dict[str, Record] | None = None,
    settings: Settings = TRACKS,
    *,
    retry: bool = False,
) -> list[Planned]:
    return plan_songs(songs, lambda _: settings, records or {}, out, retry=retry)


@pytest.fixture
def song(tmp_path: Path) -> Song:
    return Song(hum(tmp_path / "x.wav"), "x.wav")


@pytest.fixture
def done(song: Song, out: Path) -> Record:
    """The record of the song, whose result is there."""
    out.mkdir()
    (out / "x.csv").write_text("0123456789")
    status = song.path.stat()
    return record(
        "x.wav",
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        input=hashlib.sha256(song.path.read_bytes()).hexdigest(),
        settings=TRACKS.digest,
        outputs={"x.csv": 10},
    )


def state(song: Song, out: Path, record: Record, **how: Any) -> str:
    (plan,) = planned([song], out, {"x.wav": record}, **how)
    return plan.state


def test_a_song_without_a_record_is_new(song: Song, out: Path) -> None:
    (plan,) = planned([song], out)
    status = song.path.stat()
    assert plan == Planned(
        song, TRACKS, "new", ("x.csv",), status.st_size, status.st_mtime_ns, None
    )


def test_a_song_with_a_record_and_its_result_is_done(song: Song, out: Path, done: Record) -> None:
    assert state(song, out, done) == "done"
    assert state(song, out, done, retry=True) == "done"


def test_a_song_of_other_content_is_changed(song: Song, out: Path, done: Record) -> None:
    hum(song.path, hz=300.0)
    assert song.path.stat().st_size == done.size
    os.utime(song.path, ns=(1, 1))
    assert state(song, out, done) == "changed"
    song.path.write_bytes(song.path.read_bytes() + b"more")
    os.utime(song.path, ns=(done.mtime_ns, done.mtime_ns))
    assert state(song, out, done) == "changed"


def test_the_same_content_at_another_time_is_done(song: Song, out: Path, done: Record) -> None:
    os.utime(song.path, ns=(1, 1))
    assert state(song, out, done) == "done"


def test_a_song_with_other_settings_is_changed(song: Song, out: Path, done: Record) -> None:
    other = Settings("pitch", {"suffix": ".csv"}, None, {"pitch": "toy/steady"}, {})
    assert state(song, out, done, settings=other) == "changed"


def test_a_result_that_is_gone_is_missing(song: Song, out: Path, done: Record) -> None:
    (out / "x.csv").unlink()
    assert state(song, out, done) == "missing"


def test_a_result_that_was_shortened_is_missing(song: Song, out: Path, done: Record) -> None:
    os.truncate(out / "x.csv", 9)
    assert state(song, out, done) == "missing"


def test_a_record_of_other_results_is_no_record_of_these(
    song: Song, out: Path, done: Record
) -> None:
    (out / "y.csv").write_text("0123456789")
    other = record(**{**vars_of(done), "outputs": {"y.csv": 10}})
    assert state(song, out, other) == "missing"


def vars_of(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in ("song", "size", "mtime_ns", "input")} | {
        "settings": record.settings
    }


def test_a_song_that_failed_is_tried_again_where_that_is_asked_for(
    song: Song, out: Path, done: Record
) -> None:
    failed = record(**vars_of(done), outputs={}, error="it is odd")
    for retry, expected in ((False, "failed"), (True, "retry")):
        (plan,) = planned([song], out, {"x.wav": failed}, retry=retry)
        assert (plan.state, plan.error) == (expected, "it is odd")


def test_a_song_that_failed_for_no_reason_of_its_own_is_tried_again(
    song: Song, out: Path, done: Record
) -> None:
    failed = record(**vars_of(done), outputs={}, error="memory ran out", passing=True)
    assert state(song, out, failed) == "retry"


def test_a_pipe_is_no_song(tmp_path: Path, out: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    (plan,) = planned([Song(tmp_path / "pipe.wav", "pipe.wav")], out)
    assert (plan.state, plan.error) == (
        "refused",
        f"{tmp_path / 'pipe.wav'}: is no regular file; give a sound file",
    )


def test_a_song_that_failed_is_done_if_it_changed(song: Song, out: Path, done: Record) -> None:
    failed = record(**vars_of(done), outputs={}, error="it is odd")
    hum(song.path, hz=300.0)
    os.utime(song.path, ns=(1, 1))
    (plan,) = planned([song], out, {"x.wav": failed})
    assert (plan.state, plan.error) == ("changed", None)


def test_a_song_that_is_not_there_fails_whatever_is_recorded(
    song: Song, out: Path, done: Record
) -> None:
    song.path.unlink()
    (plan,) = planned([song], out, {"x.wav": done}, retry=True)
    assert (plan.state, plan.size, plan.mtime_ns) == ("refused", 0, 0)
    assert plan.error == (f"{song.path}: can't be read (No such file or directory); check the path")


def test_a_song_with_a_fault_fails_with_it_and_keeps_no_place(song: Song, out: Path) -> None:
    locked = Song(song.path.parent / "x", "x", fault="x: the folder can't be read")
    plan = planned([locked, song], out)
    assert [(each.state, each.error) for each in plan] == [("refused", locked.fault), ("new", None)]


def test_a_song_that_can_not_be_opened_any_more_is_changed(
    song: Song, out: Path, done: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(song.path, ns=(1, 1))

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert state(song, out, done) == "changed"
    unread = record(**{**vars_of(done), "input": None}, outputs={}, error="x: can't be read")
    assert state(song, out, unread) == "failed"


@pytest.mark.parametrize("name", ["x.flac", "X.flac"])
def test_the_second_of_two_songs_with_one_result_fails(
    song: Song, tmp_path: Path, out: Path, name: str
) -> None:
    other = Song(hum(tmp_path / "b" / name), name)
    first, second = planned([song, other], out)
    assert (first.state, first.error) == ("new", None)
    assert second.state == "refused"
    assert second.error == (
        f"{other.path}: its result would have the name of that of {song.path}; rename one of "
        "them, or give it an `out` of its own in a list"
    )


def converted(songs: Sequence[Song], out: Path) -> list[Planned]:
    return planned(songs, out, settings=Settings("convert", {}, None, {}, {}))


@pytest.mark.parametrize("link", [False, True])
def test_a_song_is_not_replaced_by_its_own_result(song: Song, tmp_path: Path, link: bool) -> None:
    out = song.path.parent
    if link:
        out = tmp_path / "link"
        out.symlink_to(song.path.parent)
    (plan,) = converted([song], out)
    assert (plan.state, plan.error) == (
        "refused",
        f"{song.path}: would be replaced by its own result; choose another folder",
    )


def test_a_song_is_not_replaced_by_the_result_of_another(song: Song, tmp_path: Path) -> None:
    other = Song(hum(tmp_path / "y.wav"), "x.wav")  # as a list may name it
    song = Song(song.path, "z.wav")
    first, second = converted([other, song], tmp_path)
    assert (first.state, first.error) == (
        "refused",
        f"{other.path}: its result would replace {song.path}; choose another folder",
    )
    assert second.state == "new"
