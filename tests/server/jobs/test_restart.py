"""A server that is killed in mid-job, and the next one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast
from urllib.request import Request, urlopen

import numpy as np
import pytest
from job_runs import is_alive
from waiting import PATIENCE

from autovoice_core import Audio
from autovoice_core.synthetic import truth

SERVE = """
import sys
from pathlib import Path
from autovoice_core.server.running import serve
from autovoice_core.server.settings import Limits, Settings

folder = Path(sys.argv[1])
settings = Settings(folder / "server", folder / "voices.db", port=0, limits=Limits(job_niceness=0))
serve(settings, lambda settings, _: print(settings.port, flush=True))
"""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="finds worker processes by /proc"
)


class Killable:
    """A server in a process of its own."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        port = int(cast("IO[bytes]", process.stdout).readline())
        self._address = f"http://127.0.0.1:{port}"

    def ask(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        request = Request(self._address + path, body, method=method)
        if method == "POST":
            request.add_header("Content-Type", "application/json")
        with urlopen(request, timeout=PATIENCE) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def until(self, job: str, *states: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while (found := self.ask("GET", f"/v1/jobs/{job}"))["state"] not in states:
            assert found["state"] in {"queued", "running"}
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return found

    def workers(self) -> list[int]:
        lists = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(pid) for children in lists for pid in children.read_text().split()]


@contextmanager
def server(folder: Path) -> Iterator[Killable]:
    command = [sys.executable, "-c", SERVE, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            yield Killable(process)
        finally:
            process.kill()


@pytest.fixture
def long_song(tmp_path: Path, short_song: truth.Song) -> bytes:
    """Return a file that no worker is done with before its server is killed."""
    samples = np.tile(short_song.mixture.numpy(), (1, 40))
    path = tmp_path / "long.flac"
    Audio(samples, short_song.mixture.sample_rate).save(path)
    return path.read_bytes()


def test_a_server_killed_in_mid_job_leaves_nothing_half_made_and_the_next_does_the_job(
    tmp_path: Path, long_song: bytes
) -> None:
    work, results = (tmp_path / "server" / name for name in ("work", "results"))
    with server(tmp_path) as first:
        first.ask("PUT", "/v1/uploads/song0001", long_song)
        body = json.dumps({"kind": "separate", "source": {"upload": "song0001"}}).encode()
        job = first.ask("POST", "/v1/jobs", body)["id"]
        first.until(job, "running")
        workers = first.workers()
        assert workers
        first.process.kill()
        first.process.wait(PATIENCE)
        deadline = time.monotonic() + PATIENCE
        while any(is_alive(pid) for pid in workers):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert list(results.iterdir()) == []
        assert len(list(work.iterdir())) == 1
    with server(tmp_path) as second:
        done = second.until(job, "done", "failed", "cancelled")
        assert done["state"] == "done"
        assert [output["name"] for output in done["outputs"]] == ["vocals", "accompaniment"]
        assert list(work.iterdir()) == []
        # A server that is asked to end does so at once, with its workers.
        workers = second.workers()
        second.process.send_signal(signal.SIGTERM)
        second.process.wait(PATIENCE)
        assert not any(is_alive(pid) for pid in workers)


def test_a_job_during_which_the_server_is_killed_again_and_again_fails(
    tmp_path: Path, long_song: bytes
) -> None:
    job, found = "", {"state": "queued"}
    # A server that has just begun may still tell the state that the last one left.
    for _ in range(6):
        with server(tmp_path) as running:
            if not job:
                running.ask("PUT", "/v1/uploads/song0001", long_song)
                body = json.dumps({"kind": "separate", "source": {"upload": "song0001"}}).encode()
                job = running.ask("POST", "/v1/jobs", body)["id"]
            found = running.until(job, "running", "failed")
        if found["state"] == "failed":
            break
    assert found["error"] == {
        "code": "interrupted",
        "message": "the server ended 2 times in the midst of it",
    }
