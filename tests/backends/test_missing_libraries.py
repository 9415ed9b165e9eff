"""Shared libraries of the system that an offer needs and that are missing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autovoice_core.backends.choice.matching import mismatches
from autovoice_core.backends.need import Need
from autovoice_core.backends.plugins.entry import Entry
from autovoice_core.backends.plugins.host import Host


@pytest.mark.parametrize(
    ("extra", "remedy"),
    [
        (None, "install it by the system's package manager"),
        (
            "speech",
            "install it by the system's package manager or pip install 'mine-dist[speech]'",
        ),
    ],
)
def test_the_reason_says_which_and_how_to_get_them(
    make_entry: Callable[..., Entry], extra: str | None, remedy: str
) -> None:
    entry = make_entry(libraries=("flite", "flite_cmu_us_slt", "c"), extra=extra)
    host = Host(missing_libraries=frozenset({"flite", "flite_cmu_us_slt"}))
    (reason,) = mismatches(entry, Need(), host)
    assert (reason.stage, reason.code) == ("host", "library")
    assert reason.text == (
        f"needs the library flite and flite_cmu_us_slt, not installed on this machine; {remedy}"
    )
