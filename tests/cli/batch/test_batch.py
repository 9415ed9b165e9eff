from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from batch_runs import InProcess, batch, contents, hum, hums
from batch_toys import FAILS

from autovoice_core.cli import main
from autovoice_core.memory.limit import MemoryLimit


def test_a_dry_run_says_what_would_be_done(
    songs: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hum(songs / "b.wav", rate=FAILS)
    hum(songs / "c.wav")
    batch(songs, out)
    (out / "x.csv").unlink()
    hum(songs / "a" / "y.flac", hz=300.0).with_suffix(".wav")
    hum(songs / "new.wav")
    capsys.readouterr()
    assert batch(songs, out, "--dry-run", "--retry") == 0
    assert capsys.readouterr().out.splitlines() == [
        "changed: a/y.flac -> a/y.csv",
        "failed before, tried again: b.wav -> b.csv",
        "done: c.wav -> c.csv",
        "new: new.wav -> new.csv",
        "result missing: x.wav -> x.csv",
        "4 of 5 songs to do",
    ]
    assert batch(songs, out, "--dry-run") == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines()[1] == "failed before, skipped: b.wav -> b.csv"
    assert printed.out.splitlines()[-1] == "3 of 5 songs to do; 1 failed"
    assert printed.err == "failed: b.wav: the sound is odd; give another\n"


def test_json_is_for_scripts(songs: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    batch(songs, out)
    hum(songs / "b.wav", rate=FAILS)
    hum(songs / "new.wav")
    capsys.readouterr()
    assert batch(songs, out, "--json") == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["done"], report["failed"], report["done_now"]) == (3, 1, 1)
    assert report["seconds"] >= 0
    before, failed, new, _ = report["songs"]
    assert (before["song"], before["state"], before["outputs"]) == ("a/y.flac", "done", ["a/y.csv"])
    assert (failed["state"], failed["error"]) == ("failed", "the sound is odd; give another")
    assert failed["outputs"] == []
    names = ["song", "state", "outputs", "seconds", "made_by", "warnings", "worker"]
    assert list(new) == list(before) == names
    assert new["made_by"] == ["pitch: toy/steady (toynet 1.0) on cpu, float32, hz=200.0"]


def test_json_of_a_dry_run_counts_states(
    songs: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch(songs / "x.wav", out)
    capsys.readouterr()
    assert batch(songs, out, "--json", "--dry-run") == 0
    report = json.loads(capsys.readouterr().out)
    counts = {
        "new": 1,
        "changed": 0,
        "missing": 0,
        "retry": 0,
        "failed": 0,
        "refused": 0,
        "done": 1,
    }
    assert {name: report[name] for name in counts} == counts
    assert [song["state"] for song in report["songs"]] == ["new", "done"]


def test_options_reach_the_workers(songs: Path, out: Path, engine: InProcess) -> None:
    options = ["--threads=4", "--workers=2", "--memory-limit=4 GB", "--device=cpu"]
    assert batch(songs, out, *options, "--backend=pitch=reference/nccf") == 0
    assert engine.setup is not None
    assert (engine.workers, engine.setup.threads) == (2, 2)
    assert engine.setup.memory_limit == MemoryLimit(2_000_000_000, "memory_limit", workers=2)


def test_knobs_and_backends_reach_the_workers(songs: Path, out: Path) -> None:
    assert batch(songs, out, "--set=pitch.hz=300", "--format=json") == 0
    assert '"f0_hz": [300.0, ' in (out / "x.json").read_text()


def test_files_that_exist_are_kept_on_request(
    songs: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out.mkdir()
    (out / "x.csv").touch()
    assert batch(songs, out, "--no-clobber") == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"failed: x.wav: {out / 'x.csv'}: already exists, and --no-clobber was given; choose "
        "another name"
    )


def test_songs_are_separated(songs: Path, out: Path) -> None:
    assert batch(songs, out, task="separate") == 0
    assert sorted(contents(out)) == [
        f"{song}/{stem}.flac" for song in ("a/y", "x") for stem in ("accompaniment", "vocals")
    ]


def test_songs_are_converted(
    songs: Path, out: Path, db: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--voice=Ada", f"--db={db}", "--key=12", "--stems", "--format=wav"]
    assert batch(songs, out, *options, "--json", task="convert") == 0
    report = json.loads(capsys.readouterr().out)
    stems = ["vocals", "accompaniment", "converted"]
    assert report["songs"][1]["outputs"] == [
        "x.wav",
        *(f"x.stems/{stem}.flac" for stem in stems),
    ]
    assert "hardly sound like singing" in report["songs"][1]["warnings"][0]
    assert len(contents(out)) == 8


def test_a_list_names_voices(songs: Path, out: Path, db: Path) -> None:
    path = songs.parent / "list.jsonl"
    path.write_text('{"song": "songs/x.wav", "voice": "Ada"}\n')
    assert batch(path, out, f"--db={db}", "--key=0", task="convert") == 0
    assert list(contents(out)) == ["songs/x.wav"]


def test_names_with_controls_are_shown_as_escapes(
    tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    songs = hums(tmp_path / "odd", "x\x1b[31m.wav")
    assert batch(songs, out, "--dry-run") == 0
    assert capsys.readouterr().out.splitlines()[0] == r"new: x\x1b[31m.wav -> x\x1b[31m.csv"
    assert batch(songs, out) == 0
    assert capsys.readouterr().err.startswith(r"1 of 1: x\x1b[31m.wav: ")


def test_the_help_says_how_a_batch_is_resumed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["batch", "--help"]) == 0
    shown: Any = " ".join(capsys.readouterr().out.split())
    assert "the same command goes on where it was stopped" in shown


def test_a_cluster_is_asked_for_by_name(
    songs: Path, out: Path, engine: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []

    def ray(address: str | None, *, ship: bool) -> InProcess:
        given.append((address, ship))
        return engine

    monkeypatch.setattr("autovoice_core.batch.engines.ray.RayEngine", ray)
    assert batch(songs, out, "--engine=ray", "--cluster=here:1", "--ship") == 0
    assert batch(songs, out, "--engine=ray", "--dry-run") == 0
    assert given == [("here:1", True), (None, False)]
