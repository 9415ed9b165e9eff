"""The clock: one that is in the past breaks secure connections and comparisons of times."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.cli.doctor.system import clock_command

BEGINNING = datetime(2026, 11, 23, tzinfo=UTC)
"""No release of AutoVoice is older."""

_TOLERANCE_SECONDS = 86400.0


def check_clock() -> Iterator[Finding]:
    """Yield a clock that is before this program was written, or installed."""
    now = time.time()
    installed = Path(__file__).stat().st_mtime
    latest = max(BEGINNING.timestamp(), installed)
    if now < latest - _TOLERANCE_SECONDS:
        yield Finding(
            "clock",
            "warning",
            f"the clock says {_date(now)}, but AutoVoice was installed on {_date(latest)} or "
            "later: connections by HTTPS fail, and files seem to be from the future; set the clock",
            clock_command(),
        )


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
