from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest

from autovoice_core.backends.containment import waiting
from autovoice_core.backends.containment.waiting import Waiting

PATIENCE = 60
"""Seconds after which a test gives up; what it waits for comes at once."""


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Semaphore]:
    """What is released when something was said, which is at once."""
    monkeypatch.setattr(waiting, "PATIENCE_SECONDS", 0.0)
    messages = threading.Semaphore(0)
    handler = logging.Handler()
    handler.emit = lambda record: messages.release()  # type: ignore[method-assign]
    logger = logging.getLogger(waiting.__name__)
    logger.addHandler(handler)
    yield messages
    logger.removeHandler(handler)


def test_each_plugin_that_is_slow_is_announced_once(
    said: threading.Semaphore, caplog: pytest.LogCaptureFixture
) -> None:
    with Waiting() as patient:
        for plugin in ("'slow' (slow 1.0)", "'slower' (slower 1.0)"):
            with patient.for_plugin(plugin):
                assert said.acquire(timeout=PATIENCE)
    assert caplog.messages == [
        "waiting for plugin 'slow' (slow 1.0)",
        "waiting for plugin 'slower' (slower 1.0)",
    ]


def test_a_quick_one_is_not(caplog: pytest.LogCaptureFixture) -> None:
    with Waiting() as patient, patient.for_plugin("'quick' (quick 1.0)"):
        pass
    assert not caplog.messages


def test_no_thread_is_started_for_nothing_and_none_is_left() -> None:
    before = set(threading.enumerate())
    with Waiting() as patient:
        assert set(threading.enumerate()) == before
        with patient.for_plugin("'quick' (quick 1.0)"):
            assert len(set(threading.enumerate()) - before) == 1
    assert set(threading.enumerate()) == before
