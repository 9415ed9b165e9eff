"""Patience of tests that wait for something to happen, however busy the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 600.0
"""Seconds after which what a test waits for will not happen."""


def wait_until(holds: Callable[[], bool]) -> None:
    """Return once ``holds()`` does."""
    limit = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.005)
