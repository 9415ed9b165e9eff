"""Dates as answers give them, and ages by a clock that nobody sets."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> str:
    """Return the date and time, UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def born(date: str) -> float:
    """Return ``date``, of an earlier start of the server, by :func:`time.monotonic`.

    From then on ages are told by that clock: a jump of the system's removes nothing.
    """
    age = datetime.now(UTC) - datetime.fromisoformat(date)
    return time.monotonic() - max(0.0, age.total_seconds())
