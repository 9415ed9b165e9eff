from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from batch_runs import InProcess, ada, contents, hum
from batch_toys import FAILS

from autovoice_core import (
    AutoVoiceError,
    Need,
    convert_songs,
    track_songs,
    using,
)
from autovoice_core.batch.manifest import NAME, Manifest
from autovoice_core.batch.progress import BatchProgress
from autovoice_core.batch.result import BatchResult

pytestmark = pytest.mark.usefixtures("toy")
ALL = ["a/y.wav", "a/z.flac", "x.wav"]


def states(result: BatchResult) -> dict[str, str]:
    return {each.song.name: each.state for each in result.plan}


def track(songs: Any, out: Path, **options: Any) -> tuple[BatchResult, list[str]]:
    """Track songs in this process; return the result and the songs that were done."""
    engine = InProcess(ship=options.pop("ship", False))
    return track_songs(songs, out, engine=engine, **options), engine.done


def test_a_record_tells_how_a_song_was_done(songs: Path, out: Path) -> None:
    result, _ = track(songs / "x.wav", out)
    (record,) = result.records
    status = (songs / "x.wav").stat()
    assert (record.song, record.path) == ("x.wav", str(songs / "x.wav"))
    assert (record.size, record.mtime_ns) == (status.st_size, status.st_mtime_ns)
    assert record.settings == result.plan[0].settings.digest
    assert record.made_by == ("pitch: toy/steady (toynet 1.0) on cpu, float32, hz=200.0",)
    assert record.worker.endswith(f":{os.getpid()}")
    assert record.finished.endswith("+00:00")
    assert Manifest(out).records == {"x.wav": record}


def test_a_second_run_does_nothing(songs: Path, out: Path) -> None:
    track(songs, out)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    result, done = track(songs, out)
    assert (done, result.records) == ([], ())
    assert set(states(result).values()) == {"done"}
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_only_what_changed_is_done(songs: Path, out: Path) -> None:
    track(songs, out)
    hum(songs / "a" / "y.wav", hz=500.0)
    os.utime(songs / "a" / "y.wav", ns=(1, 1))
    (out / "a" / "z.csv").unlink()
    hum(songs / "new.wav")
    result, done = track(songs, out)
    assert done == ["a/y.wav", "a/z.flac", "new.wav"]
    assert states(result) == {
        "a/y.wav": "changed",
        "a/z.flac": "missing",
        "new.wav": "new",
        "x.wav": "done",
    }


def test_other_settings_do_all_songs_again_and_other_limits_none(songs: Path, out: Path) -> None:
    track(songs, out)
    assert track(songs, out, threads=3, workers=2, memory_limit="4 GB", need=Need())[1] == []
    with using(settings={"pitch.hz": 300}):
        assert track(songs, out)[1] == ALL
        assert track(songs, out)[1] == []
    assert ",300.0000," in (out / "x.csv").read_text()
    with using(pitch="reference/nccf"):
        assert track(songs, out)[1] == ALL


def test_settings_of_the_environment_count_too(
    songs: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    track(songs, out)
    monkeypatch.setenv("AUTOVOICE_SETTINGS", "pitch.hz=300")
    assert track(songs, out)[1] == ALL
    assert ",300.0000," in (out / "x.csv").read_text()


@pytest.mark.parametrize("ship", [False, True])
def test_a_song_that_fails_costs_nothing_but_itself(songs: Path, out: Path, ship: bool) -> None:
    odd, text = hum(songs / "b.wav", rate=FAILS), songs / "c.wav"
    text.write_text("no sound")
    result, done = track(songs, out, ship=ship)
    assert done == ["a/y.wav", "a/z.flac", "b.wav", "c.wav", "x.wav"]
    assert set(result.failed) == {"b.wav", "c.wav"}
    assert result.failed["b.wav"] == "the sound is odd; give another"
    assert result.failed["c.wav"].startswith(f"{text}: ")
    assert repr(result) == "BatchResult(5 songs, 3 done now, 2 failed)"
    assert sorted(contents(out)) == ["a/y.csv", "a/z.csv", "x.csv"]

    again, done = track(songs, out, ship=ship)
    assert (done, again.failed) == ([], result.failed)
    again, done = track(songs, out, ship=ship, retry=True)
    assert (done, again.failed) == (["b.wav", "c.wav"], result.failed)
    hum(odd, hz=300.0)
    again, done = track(songs, out, ship=ship)
    assert (done, set(again.failed)) == (["b.wav"], {"c.wav"})


def test_a_dry_run_does_nothing(songs: Path, out: Path) -> None:
    result, done = track(songs, out, dry_run=True)
    assert (done, result.records) == ([], ())
    assert set(states(result).values()) == {"new"}
    assert not out.exists()


@pytest.mark.parametrize("ship", [False, True])
def test_files_that_exist_are_kept_on_request(songs: Path, out: Path, ship: bool) -> None:
    out.mkdir()
    (out / "x.csv").write_text("mine")
    result, _ = track(songs, out, overwrite=False, ship=ship)
    assert result.failed == {
        "x.wav": f"{out / 'x.csv'}: already exists, and overwrite=False was given; "
        "choose another name"
    }
    assert (out / "x.csv").read_text() == "mine"
    assert sorted(contents(out)) == ["a/y.csv", "a/z.csv", "x.csv"]
    assert Manifest(out).records["x.wav"].outputs == {}

    _, done = track(songs, out, ship=ship)
    assert done == ["x.wav"]


@pytest.mark.parametrize("ship", [False, True])
def test_a_folder_that_can_not_be_made_costs_its_songs_alone(
    songs: Path, out: Path, ship: bool
) -> None:
    out.mkdir()
    (out / "a").write_text("mine")
    result, _ = track(songs, out, ship=ship)
    reason = f"{out / 'a'}: the folder can't be made (it is a file); choose another"
    assert result.failed == {"a/y.wav": reason, "a/z.flac": reason}
    assert (out / "x.csv").exists()


def test_it_tells_its_progress_and_the_ends_of_songs(songs: Path, out: Path) -> None:
    hum(songs / "b.wav", rate=FAILS)
    told: list[BatchProgress] = []
    ended: list[str] = []
    track(songs, out, progress=told.append, ended=lambda record: ended.append(record.song))
    assert ended == ["a/y.wav", "a/z.flac", "b.wav", "x.wav"]
    assert [each.fraction for each in told] == sorted(each.fraction for each in told)
    last = BatchProgress(3, 1, 4, 1.0, told[-1].remaining_seconds, {})
    assert told[-1] == last
    assert told[0].remaining_seconds is None
    assert set(told[0].at_work) == {"a/y.wav"}


def test_what_was_done_before_an_error_of_the_caller_is_recorded(songs: Path, out: Path) -> None:
    def refuse(record: object) -> None:
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        track(songs, out, ended=refuse)
    assert set(Manifest(out).records) == {"a/y.wav"}
    assert track(songs, out)[1] == ["a/z.flac", "x.wav"]


def test_parts_of_workers_that_were_lost_are_removed(songs: Path, out: Path) -> None:
    track(songs, out)
    part = next(iter(out.glob(f".{NAME}*"))).with_name(_part_name())
    deep = out / "a" / part.name
    for path in (part, deep):
        path.touch()
    hum(songs / "new.wav")
    track(songs, out)
    assert not part.exists()
    assert not deep.exists()


def _part_name() -> str:
    from autovoice_core.audio import temporary

    return f".{temporary._PREFIX}0123456789abcdef{temporary.PART_SUFFIX}"


def test_a_batch_that_another_one_keeps_out_does_nothing(songs: Path, out: Path) -> None:
    with Manifest(out).locked(), pytest.raises(AutoVoiceError):
        track(songs, out)
    assert contents(out) == {}


def test_a_format_that_is_named_and_that_of_the_song_are_one(songs: Path, out: Path) -> None:
    convert_songs(songs, ada(), out, engine=InProcess())
    result = convert_songs(songs, ada(), out, suffix="flac", dry_run=True, engine=InProcess())
    assert states(result) == {
        "a/y.wav": "changed",
        "a/z.flac": "done",
        "x.wav": "changed",
    }


def test_a_batch_that_another_ended_meanwhile_is_planned_again(
    songs: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, others = Manifest.locked, [InProcess()]

    @contextmanager
    def after_another(manifest: Manifest) -> Iterator[Manifest]:
        if others:
            track_songs(songs, out, engine=others.pop())
        with locked(manifest) as held:
            yield held

    monkeypatch.setattr(Manifest, "locked", after_another)
    result, done = track(songs, out)
    assert (done, result.failed, result.records) == ([], {}, ())
    assert set(states(result).values()) == {"done"}
