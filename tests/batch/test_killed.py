"""Batches whose driver is killed at any moment, and resumed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from batch_runs import contents, hum, hums, processes_of
from batch_toys import WAITS
from job_runs import is_alive
from waiting import wait_until

from autovoice_core.batch.manifest import NAME

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at in /proc")
KILLS = 5


def started(songs: Path, out: Path, mark: str, workers: int = 1) -> subprocess.Popen[bytes]:
    """Start a batch, all of whose processes have ``mark`` in their environment."""
    command = [sys.executable, "-m", "autovoice_core.cli", "batch", str(songs), "--task", "pitch"]
    return subprocess.Popen(
        [*command, "--out", str(out), f"--workers={workers}", "--backend=pitch=toy/steady"],
        env={**os.environ, "MARK": mark},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def lines(out: Path) -> list[dict[str, Any]]:
    """Return the whole lines of the manifest."""
    path = out / NAME
    content = path.read_bytes() if path.exists() else b""
    return [json.loads(line) for line in content[: content.rfind(b"\n") + 1].splitlines()]


def leftovers(out: Path) -> list[Path]:
    return list(out.rglob(".*.part"))


def test_a_batch_that_was_killed_goes_on_where_it_was(toy: Path, tmp_path: Path, out: Path) -> None:
    names = [f"{folder}/{number:02}.wav" for folder in "ab" for number in range(15)]
    songs = hums(tmp_path / "songs", *names)
    generator = random.Random(7)
    mark = f"{tmp_path}/mark"
    for number in range(KILLS):
        before = len(lines(out))
        batch = started(songs, out, mark, workers=1 + number % 2)
        wait_until(lambda: len(lines(out)) > before or batch.poll() is not None)  # noqa: B023
        time.sleep(generator.uniform(0, 0.02))
        batch.kill()
        batch.wait()
        for path in out.rglob("*.csv"):  # nothing under a final name but whole files
            assert len(path.read_text().splitlines()) == 62
        wait_until(lambda: not any(map(is_alive, processes_of(mark))))
    killed = len(lines(out))
    assert KILLS <= killed < len(names)
    resumed = started(songs, out, mark)
    assert resumed.wait() == 0
    assert (out / NAME).read_bytes().endswith(b"\n")
    done = [line["song"] for line in lines(out)]
    assert sorted(done) == names  # each once
    assert sorted(contents(out)) == [name.replace(".wav", ".csv") for name in names]
    assert leftovers(out) == []


def test_a_worker_in_mid_song_ends_with_its_driver(toy: Path, tmp_path: Path, out: Path) -> None:
    songs = tmp_path / "songs"
    hum(songs / "x.wav", rate=WAITS)
    mark = f"{tmp_path}/mark"
    batch = started(songs, out, mark)
    wait_until(lambda: list(toy.glob(f"{WAITS}.*")) != [])
    batch.send_signal(signal.SIGKILL)
    batch.wait()
    wait_until(lambda: not any(map(is_alive, processes_of(mark))))
    assert contents(out) == {}
