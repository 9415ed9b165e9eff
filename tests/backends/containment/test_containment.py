"""What a plugin leaves behind in the process is put back, and told once."""

from __future__ import annotations

import locale
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autovoice_core import PluginWarning
from autovoice_core.backends.containment import (
    contained,
    process_state,
    side_effects,
    standard_output,
)


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Nothing was reported before, and the process is as it was in the end."""
    monkeypatch.setattr(side_effects, "_reported", set())
    monkeypatch.chdir(tmp_path)
    before = [part.read() for part in process_state.ALL]
    yield
    list(process_state.put_back(process_state.ALL, before))


def handle(number: int, frame: Any) -> None:
    raise AssertionError


DEEDS: dict[str, Callable[[], object]] = {
    "NumPy's error handling": lambda: np.seterr(all="raise"),
    "the working directory": lambda: os.chdir("/"),
    "the handlers of signals": lambda: signal.signal(signal.SIGTERM, handle),
    "Python's random state": lambda: random.seed(0),
    "NumPy's random state": lambda: np.random.seed(0),  # noqa: NPY002
    "the umask": lambda: os.umask(0o011),
    "the locale": lambda: locale.setlocale(locale.LC_ALL, "C.UTF-8"),
    "standard output": lambda: setattr(sys, "stdout", None),
}


def state() -> list[Any]:
    return [*(part.read() for part in process_state.ALL), sys.stdout]


@pytest.mark.parametrize("name", DEEDS)
def test_what_is_changed_is_put_back(name: str) -> None:
    locale.setlocale(locale.LC_ALL, "C")
    before = state()
    with pytest.warns(PluginWarning) as caught, contained("mine/x (mine 1.0)", "in separate()"):
        DEEDS[name]()
    assert state() == before
    assert [str(item.message) for item in caught] == [
        f"mine/x (mine 1.0) changed {name} (put back) in separate()"
    ]


def test_it_is_told_once() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            with contained("mine/x (mine 1.0)", "in separate()"):
                random.seed(0)
    assert len(caught) == 1


def test_it_is_put_back_after_an_exception_too() -> None:
    def fail() -> None:
        with contained("mine/x (mine 1.0)", "in separate()"):
            os.chdir("/")
            raise OSError("no")

    before = Path.cwd()
    with pytest.warns(PluginWarning), pytest.raises(OSError, match="no"):
        fail()
    assert Path.cwd() == before


def test_random_numbers_that_other_threads_may_draw_are_left_alone() -> None:
    go_on = threading.Event()
    other = threading.Thread(target=go_on.wait)
    other.start()
    random.seed(1)
    with contained("mine/x (mine 1.0)", "in separate()"):
        random.seed(2)
    go_on.set()
    other.join()
    assert random.getstate() == random.Random(2).getstate()


def test_threads_that_are_left_are_named() -> None:
    go_on = threading.Event()
    other = threading.Thread(target=go_on.wait, name="forgotten")
    with (
        pytest.warns(PluginWarning, match=r"left threads running \(forgotten\) while imported"),
        contained("mine/x (mine 1.0)", "while imported", threads=True),
    ):
        other.start()
    go_on.set()
    other.join()


def test_prints_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with contained("mine/x (mine 1.0)", "in separate()"):
        sys.stdout.write("working\n")
        with standard_output.callers_own():
            sys.stdout.write("of the caller\n")
    sys.stdout.write("after\n")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("of the caller\nafter\n", "working\n")


def test_other_threads_print_as_before(capsys: pytest.CaptureFixture[str]) -> None:
    other = threading.Thread(target=print, args=("elsewhere",))
    with contained("mine/x (mine 1.0)", "in separate()"):
        other.start()
        other.join()
    assert capsys.readouterr().out == "elsewhere\n"


def test_overlapping_calls_leave_standard_output_as_it_was() -> None:
    before = sys.stdout
    inside, go_on = threading.Event(), threading.Event()

    def call() -> None:
        with contained("mine/x (mine 1.0)", "in separate()"):
            inside.set()
            go_on.wait()

    other = threading.Thread(target=call)
    with contained("mine/y (mine 1.0)", "in separate()"):
        other.start()
        inside.wait()
    go_on.set()
    other.join()
    assert sys.stdout is before
