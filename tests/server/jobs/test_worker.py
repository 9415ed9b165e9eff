from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import IO, Any, cast

import pytest
from waiting import PATIENCE

from autovoice_core import AutoVoiceWarning
from autovoice_core._worker_process import warnings_to
from autovoice_core.server.jobs.worker import Report, _in_folder

MODULE = "autovoice_core.server.jobs.worker"


@contextmanager
def worker(kind: str = "songs") -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker as the server does."""
    grouped: dict[str, Any] = {} if sys.platform == "win32" else {"process_group": 0}
    command = [sys.executable, "-P", "-m", MODULE, kind, "0"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **grouped
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def tell(process: subprocess.Popen[bytes], task: dict[str, Any]) -> None:
    requests = cast("IO[bytes]", process.stdin)
    requests.write(json.dumps(task).encode() + b"\n")
    requests.flush()


def test_a_worker_in_mid_task_ends_with_its_pipe_and_leaves_no_result(
    tmp_path: Path, vocal_file: Path
) -> None:
    with worker() as process:
        task = {"task": "pitch", "folder": str(tmp_path), "voices": None, "options": {}}
        tell(process, {**task, "sources": {"song0001": str(vocal_file)}})
        answers = cast("IO[bytes]", process.stdout)
        while json.loads(answers.readline())["type"] != "backends":
            pass
        cast("IO[bytes]", process.stdin).close()
        assert process.wait(PATIENCE) == -signal.SIGKILL
    assert not list(tmp_path.glob("*.csv"))


def test_an_idle_worker_ends_with_its_pipe() -> None:
    with worker("inspection") as process:
        cast("IO[bytes]", process.stdin).close()
        assert process.wait(PATIENCE) == 0


def test_what_is_printed_does_not_get_into_the_pipe() -> None:
    code = """
import os, sys
from autovoice_core._worker_process import private_pipes
requests, answers = private_pipes()
print("noise"); os.system("echo noise"); sys.stdout.flush()
print(repr(sys.stdin.read()), requests.read(), file=answers, flush=True)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], input=b"task", capture_output=True, timeout=PATIENCE
    )
    assert (done.returncode, done.stdout) == (0, b"'' task\n")
    assert done.stderr.count(b"noise") == 2


def test_a_worker_does_without_the_web_framework() -> None:
    code = (
        f"import sys, {MODULE}, autovoice_core.server.jobs.songs; print('starlette' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, timeout=PATIENCE, text=True
    )
    assert done.stdout == "False\n"


def sent(lines: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_progress_is_told_of_every_stage_and_not_too_often() -> None:
    lines = StringIO()
    report = Report(lines)
    for number in range(1000):
        report.progress("separation", number / 1000)
    report.progress("pitch", 0.5)
    stages = [message["stage"] for message in sent(lines)]
    assert stages[0] == "separation"
    assert stages[-1] == "pitch"
    assert len(stages) < 500


def test_warnings_of_the_library_are_told_and_others_stay_warnings() -> None:
    lines = StringIO()
    report = Report(lines)

    def warn_twice() -> None:
        with warnings_to(report.warn):
            warnings.warn("the mix was turned down", AutoVoiceWarning, stacklevel=1)
            warnings.warn("of another", UserWarning, stacklevel=1)

    with pytest.warns(UserWarning, match="of another"):
        warn_twice()
    assert sent(lines) == [{"type": "log", "message": "the mix was turned down"}]
    assert report.warnings == ["the mix was turned down"]


def test_temporary_files_of_a_task_lie_in_its_folder_and_go_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path.cwd())
    monkeypatch.setenv("TMPDIR", tempfile.gettempdir())
    monkeypatch.setattr(tempfile, "tempdir", tempfile.gettempdir())
    with _in_folder(tmp_path):
        handle, name = tempfile.mkstemp()
        os.close(handle)
        assert Path(name).parent.parent == Path.cwd() == tmp_path
    assert list(tmp_path.iterdir()) == []
