from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from autovoice_core.server.jobs.dates import born, now


def test_a_date_is_in_utc_and_can_be_read_back() -> None:
    date = datetime.fromisoformat(now())
    assert date.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - date) < timedelta(minutes=10)


def test_what_was_made_before_this_start_is_as_old_as_its_date_says() -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    assert abs(time.monotonic() - born(yesterday) - 86_400) < 600


def test_what_seems_to_be_made_in_the_future_is_new() -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert time.monotonic() - born(tomorrow) < 600
