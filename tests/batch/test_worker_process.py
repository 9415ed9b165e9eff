from __future__ import annotations

import io
import os
import subprocess
import sys
import warnings
from threading import Event

import pytest

from autovoice_core import AutoVoiceWarning
from autovoice_core._worker_process import (
    exit_text,
    tasks_from,
    thread_limits,
    warnings_to,
    worker_environment,
)

_PIPES = """
import os, subprocess, sys
from autovoice_core._worker_process import private_pipes
requests, answers = private_pipes()
print("printed", flush=True)
subprocess.run(["echo", "from a child"], check=True)
assert sys.stdin.read() == ""
answers.write(requests.readline().upper())
answers.flush()
"""


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (0, "ended with exit code 0"),
        (3, "ended with exit code 3"),
        (-15, "was killed by SIGTERM"),
        (-9, "was killed by SIGKILL, perhaps as memory ran out"),
    ],
)
def test_the_end_of_a_process_is_told(code: int, text: str) -> None:
    assert exit_text(code) == text


def test_libraries_are_told_how_many_threads_there_are() -> None:
    assert set(thread_limits(3).values()) == {"3"}
    assert {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"} <= set(thread_limits(3))


def test_a_worker_finds_the_modules_that_this_process_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", ["", "a", "b"])
    monkeypatch.setenv("MARK", "1")
    environment = worker_environment()
    assert environment["PYTHONPATH"] == f"a{os.pathsep}b"
    assert environment["MARK"] == "1"


def test_what_others_print_is_no_answer() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PIPES], input="task\n", capture_output=True, text=True, check=True
    )
    assert done.stdout == "TASK\n"
    assert done.stderr == "printed\nfrom a child\n"


def test_tasks_come_in_order_and_then_none() -> None:
    busy = Event()
    requests, first = os.pipe()
    with os.fdopen(requests) as lines, os.fdopen(first, "w") as sender:
        tasks = tasks_from(lines, busy)
        for number in range(2):
            sender.write(f'{{"number": {number}}}\n')
            sender.flush()
            assert tasks.get() == {"number": number}
            assert busy.is_set()
        busy.clear()
        sender.close()
        assert tasks.get() is None


def test_a_process_whose_input_ends_in_mid_task_ends_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended = Event()
    monkeypatch.setattr("autovoice_core._worker_process.end_at_once", ended.set)
    tasks = tasks_from(io.StringIO('{"number": 1}\n'), Event())
    assert tasks.get() == {"number": 1}
    assert ended.wait(60)


def test_warnings_of_this_library_are_taken_and_others_are_shown() -> None:
    taken: list[str] = []
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        with warnings_to(taken.append):
            for _ in range(2):
                warnings.warn("it is loud", AutoVoiceWarning, stacklevel=1)
            warnings.warn("it is old", DeprecationWarning, stacklevel=1)
        warnings.warn("after", AutoVoiceWarning, stacklevel=1)
    assert taken == ["it is loud", "it is loud"]
    assert [str(each.message) for each in shown] == ["it is old", "after"]
