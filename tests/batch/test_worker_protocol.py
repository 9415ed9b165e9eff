"""Lines of JSON between a batch and its worker processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import asdict
from batch_runs import hum

from autovoice_core import Need, track_songs
from autovoice_core.batch.work import Job, Settings
from autovoice_core.batch.worker import need_as_values

TRACKS = Settings("pitch", {"suffix": ".csv"}, None, {"pitch": "toy/steady"}, {})


def replace_workers(monkeypatch: pytest.MonkeyPatch, folder: Path, end: str) -> None:
    """Let workers be a shell that reads what it is to do, and does these lines instead."""
    shell = folder / "python"
    shell.write_text(f"#!/bin/sh\nread setup\nread job\n{end}\n")
    shell.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(shell))


def test_a_worker_answers_jobs_until_its_input_ends(toy: Path, tmp_path: Path, out: Path) -> None:
    command = [sys.executable, "-m", "autovoice_core.batch.engines.process"]
    setup = {
        "voices": {},
        "need": need_as_values(Need()),
        "memory_limit": None,
        "threads": 1,
        "overwrite": True,
    }
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(f"{json.dumps(setup)}\n")
        for number, name in enumerate(["x.wav", "none.wav"]):
            song = tmp_path / name
            if number == 0:
                hum(song)
            job = Job(number, name, str(song), str(out), TRACKS)
            worker.stdin.write(f"{json.dumps(asdict(job))}\n")
            worker.stdin.flush()
            messages = [json.loads(worker.stdout.readline())]
            while "stage" in messages[-1]:
                messages.append(json.loads(worker.stdout.readline()))
            assert {message["number"] for message in messages} == {number}
            assert (messages[-1]["error"] is None) == (number == 0)
            assert messages[-1]["worker"].endswith(f":{worker.pid}")
        worker.stdin.close()
        assert worker.wait() == 0
    assert (out / "x.csv").stat().st_size > 0


@pytest.mark.skipif(sys.platform == "win32", reason="a script of a shell")
@pytest.mark.parametrize(
    "answer", ["Loading model...", "[3]", '{"number": 9, "worker": "x"}', "null"]
)
def test_a_worker_whose_answers_are_none_is_ended(
    toy: Path,
    songs: Path,
    out: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
) -> None:
    replace_workers(monkeypatch, tmp_path, f"echo '{answer}'\nexec sleep 100")
    result = track_songs(songs / "x.wav", out, workers=1)
    assert result.failed == {
        "x.wav": "its worker process was killed by SIGKILL, perhaps as memory ran out, twice; use "
        "fewer workers, or set a memory limit"
    }


@pytest.mark.skipif(sys.platform == "win32", reason="a script of a shell")
def test_a_worker_that_ends_in_mid_message_has_done_nothing(
    toy: Path, songs: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_workers(monkeypatch, tmp_path, "printf '{\"number\": '\nexit 3")
    result = track_songs(songs / "x.wav", out, workers=1)
    assert result.failed == {
        "x.wav": "its worker process ended with exit code 3, twice; use fewer workers, or set a "
        "memory limit"
    }


def test_a_batch_imports_nothing_from_the_working_folder(
    toy: Path, songs: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap, trace = tmp_path / "trap", tmp_path / "sprung"
    trap.mkdir()
    for module in ("json", "signal", "numpy", "autovoice_core"):
        (trap / f"{module}.py").write_text(f"open({str(trace)!r}, 'w').close()\n")
    monkeypatch.chdir(trap)
    assert track_songs(songs / "x.wav", out, workers=1).failed == {}
    assert not trace.exists()
