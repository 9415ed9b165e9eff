from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import numpy as np
import pytest

from autovoice_core.audio.stretch import stretch_processes, stretched

RATE = 16_000
NOISE = 0.1 * np.random.default_rng(0).standard_normal((2, RATE), np.float32)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Return the processes that are started."""
    found: list[subprocess.Popen[bytes]] = []

    class Recorded(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            found.append(self)

    monkeypatch.setattr(subprocess, "Popen", Recorded)
    return found


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_other_processes_return_the_same_bits(
    channels: int, started: list[subprocess.Popen[bytes]]
) -> None:
    samples = np.resize(NOISE, (channels, RATE))
    here = stretched(samples, RATE, 3.5)
    with stretch_processes(1):
        for _ in range(2):
            np.testing.assert_array_equal(stretched(samples, RATE, 3.5), here)
        assert started[0].poll() is None
    assert started[0].poll() is not None


def test_several_threads_share_the_processes(started: list[subprocess.Popen[bytes]]) -> None:
    keys = [float(key) for key in range(-3, 4)]
    with stretch_processes(2), ThreadPoolExecutor(4) as pool:
        work = [
            pool.submit(copy_context().run, stretched, NOISE[:, : RATE // 4], RATE, key)
            for key in keys
        ]
        found = [each.result() for each in work]
    assert len(started) == 2
    for key, samples in zip(keys, found, strict=True):
        np.testing.assert_array_equal(samples, stretched(NOISE[:, : RATE // 4], RATE, key))


def test_without_processes_none_is_started(started: list[subprocess.Popen[bytes]]) -> None:
    with stretch_processes(0):
        stretched(NOISE, RATE, 2.0)
    assert not started


def test_a_process_that_was_ended_is_done_without(started: list[subprocess.Popen[bytes]]) -> None:
    here = stretched(NOISE, RATE, 2.0)
    with stretch_processes(1):
        started[0].kill()
        np.testing.assert_array_equal(stretched(NOISE, RATE, 2.0), here)


@pytest.mark.parametrize("executable", ["", "no such program"])
def test_where_python_cannot_be_started_this_process_does_it(
    executable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    with stretch_processes(2):
        assert stretched(NOISE, RATE, 2.0).shape == NOISE.shape


def test_a_frozen_application_is_not_started_again(
    started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with stretch_processes(2):
        stretched(NOISE, RATE, 2.0)
    assert not started
