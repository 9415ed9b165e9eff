"""Hooks that are not as specified, and those that are."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from autovoice_core import PluginWarning
from autovoice_core.backends import catalogue
from autovoice_core.backends.plugins.discovery import discover

Installer = Callable[..., None]
Writer = Callable[..., Path]

OFFER = "Offer(name='x', load='m:x', devices=('cpu',), licence=Licence('MIT'))"
HEAD = "from autovoice_core.backends import Licence, Offer, hookimpl\n"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (
            f"def autovoice_converters(): yield {OFFER}",
            "its autovoice_converters() is not marked with @hookimpl",
        ),
        (
            "@hookimpl(wrapper=True)\ndef autovoice_converters(): yield",
            "its autovoice_converters() is a hook wrapper; yield offers instead",
        ),
        (
            "",
            "it has no hook; write one of autovoice_separators, autovoice_pitch_estimators, "
            "autovoice_converters, autovoice_speech_engines, autovoice_devices",
        ),
        (
            "@hookimpl\ndef autovoice_converters(): return None",
            "autovoice_converters() returned None; yield Offers",
        ),
        (
            "@hookimpl\ndef autovoice_converters(): yield Offer(name='x', device=('cpu',))",
            "Offer has no field 'device' (did you mean 'devices'?)",
        ),
        (
            "@hookimpl\ndef autovoice_converters(): yield len(3)",
            "autovoice_converters() raised TypeError: object of type 'int' has no len()",
        ),
        (
            "@hookimpl\ndef autovoice_converters(): yield 'nccf'",
            "autovoice_converters() yielded 'nccf', which is no Offer",
        ),
        (
            f"@hookimpl\ndef autovoice_converters(): return [{OFFER}, {OFFER}]",
            "autovoice_converters() offers 'x' twice",
        ),
        (
            "from autovoice_core.backends import catalogue\ncatalogue()",
            "importing it raised autovoice_core._errors.PluginError: a plugin asked for a backend "
            "while plugins were being loaded; its entry point may only name offers",
        ),
        (
            "class Odd(Exception):\n def __str__(self): return 1 / 0\nraise Odd",
            "importing it raised odd.Odd: <exception str() failed>",
        ),
    ],
)
def test_what_else_a_plugin_can_get_wrong(
    code: str, text: str, write_plugin: Writer, recwarn: pytest.WarningsRecorder
) -> None:
    write_plugin("odd", HEAD + code)
    warnings.simplefilter("ignore", PluginWarning)
    faults = [fault.text for fault in catalogue().faults if fault.plugin == "odd"]
    assert faults == [text]


@pytest.mark.parametrize(("name", "what"), [("Offers", "class"), ("offers", "function")])
def test_an_entry_point_must_name_a_module(name: str, what: str, write_plugin: Writer) -> None:
    code = f"{HEAD}class Offers: pass\ndef offers(): pass\n"
    write_plugin("odd", code, f"[autovoice.v1]\nodd = odd:{name}\n")
    assert [fault.text for fault in discover().faults if fault.plugin == "odd"] == [
        f"its entry point 'odd:{name}' names a {what}; name the module with its hooks"
    ]


@pytest.mark.parametrize("group", ["autovoice", "autovoice.plugins"])
def test_a_group_without_the_version_of_the_api_is_told(group: str, write_plugin: Writer) -> None:
    write_plugin("odd", "", f"[{group}]\nodd = odd\n")
    assert [(fault.kind, fault.text) for fault in discover().faults if fault.plugin == "odd"] == [
        ("api", f"its entry point is in the group {group}; its authors must name it autovoice.v1")
    ]


def test_a_hook_may_go_by_another_name(write_plugin: Writer) -> None:
    write_plugin(
        "named",
        HEAD + f"@hookimpl(specname='autovoice_converters')\ndef offers(): return [{OFFER}]",
    )
    assert ("named/x", "conversion") in {(e.name, e.operation) for e in discover().offers}


def test_other_functions_of_a_plugin_are_its_own_business(write_plugin: Writer) -> None:
    write_plugin(
        "helped",
        HEAD + f"def helper(anything): pass\n@hookimpl\ndef autovoice_converters(): yield {OFFER}",
    )
    assert "helped/x" in {entry.name for entry in discover().offers}
