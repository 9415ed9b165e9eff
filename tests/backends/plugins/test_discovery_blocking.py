"""Plugins that AUTOVOICE_BLOCK names are left out unimported; names that mean none are told."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from autovoice_core import PluginWarning
from autovoice_core.backends import catalogue
from autovoice_core.backends.plugins.discovery import discover

Installer = Callable[..., None]


def test_a_blocked_plugin_is_not_imported(install: Installer) -> None:
    install("blocked")
    found = discover(block=" unwanted ,")
    assert [str(fault) for fault in found.faults] == [
        "plugin 'unwanted' (blocked 1.0) was left out: AUTOVOICE_BLOCK names it"
    ]
    assert "blocked" not in sys.modules


def test_blocking_all_imports_no_plugin(install: Installer) -> None:
    install("blocked", "other_api", "crash_at_import")
    found = discover(block="all")
    assert not found.offers
    assert {
        "plugin 'unwanted' (blocked 1.0) was left out: AUTOVOICE_BLOCK is 'all'",
        "plugin 'future' (other-api 1.0) was left out: AUTOVOICE_BLOCK is 'all'",
        "plugin 'crash' (crash-at-import 1.0) was left out: AUTOVOICE_BLOCK is 'all'",
    } <= set(map(str, found.faults))


def test_what_the_user_blocks_is_neither_warned_of_nor_raised(
    install: Installer, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("blocked")
    monkeypatch.setenv("AUTOVOICE_BLOCK", "unwanted")
    monkeypatch.setenv("AUTOVOICE_STRICT", "1")
    assert [fault.kind for fault in catalogue().faults] == ["blocked"]


def test_blocking_a_name_that_nobody_has_is_recorded(install: Installer) -> None:
    install("fine")
    assert [str(fault) for fault in discover(block="fin").faults] == [
        "plugin 'fin' (not installed) was left out: AUTOVOICE_BLOCK names it, but no such plugin "
        "is installed (did you mean 'fine'?)"
    ]


@pytest.mark.parametrize("name", ["UNWANTED", "Unwanted", "BLOCKED", "blocked"])
def test_a_plugin_is_blocked_by_its_name_or_its_distributions_in_any_case(
    install: Installer, name: str
) -> None:
    install("blocked")
    assert [str(fault) for fault in discover(block=name).faults] == [
        "plugin 'unwanted' (blocked 1.0) was left out: AUTOVOICE_BLOCK names it"
    ]
    assert "blocked" not in sys.modules


def test_the_user_is_warned_of_a_name_that_blocks_nothing(
    install: Installer, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("fine")
    monkeypatch.setenv("AUTOVOICE_BLOCK", "fin")
    with pytest.warns(PluginWarning) as warned:
        catalogue()
    assert [str(each.message) for each in warned] == [
        "plugin 'fin' (not installed) was left out: AUTOVOICE_BLOCK names it, but no such plugin "
        "is installed (did you mean 'fine'?); see `autovoice doctor`"
    ]


def test_the_user_is_warned_of_a_name_that_enables_nothing(
    install: Installer, monkeypatch: pytest.MonkeyPatch
) -> None:
    install("fine")
    monkeypatch.setenv("AUTOVOICE_PLUGINS", "fin,cuda,Autovoice_Triton")
    with pytest.warns(PluginWarning) as warned:
        catalogue()
    assert [str(each.message) for each in warned] == [
        "plugin 'fin' (not installed) was left out: AUTOVOICE_PLUGINS names it, but no such plugin "
        "is installed (did you mean 'fine'?); see `autovoice doctor`"
    ]


def test_blocking_a_plugin_of_ours_that_is_not_installed_is_no_slip() -> None:
    faults = discover(block="CUDA,autovoice-triton").faults
    assert {fault.kind for fault in faults if fault.distribution == "not installed"} <= {"blocked"}
