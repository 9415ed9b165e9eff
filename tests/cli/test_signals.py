from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import ExtensionFileLoader
from types import ModuleType

import pytest
from waiting import PATIENCE

from autovoice_core.cli import _signals
from autovoice_core.cli._signals import StopSignals

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


def send(name: str) -> None:
    signal.raise_signal(getattr(signal, name))


@pytest.mark.parametrize("name", NAMES)
def test_a_signal_is_an_interrupt_and_makes_the_exit_code(name: str) -> None:
    with StopSignals(until_exit=False) as signals:
        with pytest.raises(KeyboardInterrupt):
            send(name)
        assert signals.received == getattr(signal, name)
        assert signals.exit_code(1) == 128 + getattr(signal, name)
        assert signals.exit_code(0) == 0


def test_without_a_signal_the_exit_code_stays() -> None:
    with StopSignals(until_exit=False) as signals:
        assert signals.exit_code(2) == 2


def test_a_second_signal_does_not_stop_the_removal_of_files() -> None:
    with StopSignals(until_exit=False):
        with pytest.raises(KeyboardInterrupt):
            send("SIGINT")
        for name in NAMES:
            send(name)


def test_a_signal_counts_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_signals, "MIN_REPEAT_SECONDS", 0.0)
    with StopSignals(until_exit=False) as signals:
        with pytest.raises(KeyboardInterrupt):
            send("SIGINT")
        with pytest.raises(KeyboardInterrupt):
            send("SIGTERM")
        assert signals.received == signal.SIGTERM


def vio_read() -> None:
    """As soundfile calls what libsndfile calls back to read."""
    send("SIGINT")


class Loader(ExtensionFileLoader):
    """Loads an extension whose initialisation calls Python code, in which a signal arrives."""

    def __init__(self) -> None:
        super().__init__("extension", "extension.so")

    def exec_module(self, module: ModuleType | None = None) -> None:
        send("SIGINT")


class Pool(ThreadPoolExecutor):
    """Has begun a thread that it doesn't know of yet when a signal arrives."""

    def _adjust_thread_count(self) -> None:
        send("SIGINT")


@pytest.mark.parametrize("call", [vio_read, Loader().exec_module, Pool()._adjust_thread_count])
def test_a_signal_where_an_exception_does_harm_counts_after_it(call: Callable[[], None]) -> None:
    returned: list[bool] = []

    def work() -> None:
        call()
        returned.append(True)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            time.sleep(0.001)

    with StopSignals(until_exit=False), pytest.raises(KeyboardInterrupt):
        work()
    assert returned


def test_a_process_that_hangs_at_its_end_can_be_stopped() -> None:
    code = (
        "import threading, time\n"
        "from autovoice_core.cli import _signals\n"
        "_signals.MIN_REPEAT_SECONDS = 0.0\n"
        "with _signals.StopSignals(until_exit=True):\n"
        "    threading.Thread(target=threading.Event().wait).start()\n"
        "print('done', flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"done\n"
    process.send_signal(signal.SIGINT)
    with process:
        assert process.wait(60) == 130


def test_an_interrupt_of_code_in_a_string_keeps_the_exit_code() -> None:
    code = (
        "import signal, sys\n"
        "from autovoice_core.cli._signals import StopSignals\n"
        "with StopSignals(until_exit=True):\n"
        "    try:\n"
        "        exec('signal.raise_signal(signal.SIGINT)')\n"
        "    except KeyboardInterrupt:\n"
        "        sys.exit(130)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 130


def test_handlers_are_as_before_afterwards() -> None:
    before = [signal.getsignal(getattr(signal, name)) for name in NAMES]
    with StopSignals(until_exit=False):
        assert signal.getsignal(signal.SIGHUP) != before[2]
    assert [signal.getsignal(getattr(signal, name)) for name in NAMES] == before


def test_a_signal_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with StopSignals(until_exit=False) as signals:
            send("SIGHUP")
            assert signals.received is None
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_signal_at_the_very_end_does_not_change_the_exit_code() -> None:
    code = (
        "import os, signal\n"
        "from autovoice_core.cli._signals import StopSignals\n"
        "class AtExit:\n"
        "    def __del__(self, kill=os.kill, pid=os.getpid(), number=signal.SIGINT):\n"
        "        kill(pid, number)\n"
        "with StopSignals(until_exit=True):\n"
        "    pass\n"
        "last = AtExit()\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ
    )
    assert (run.returncode, run.stderr) == (0, "")
