"""A plugin made for a newer core is used all the same: what is not known here is ignored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autovoice_core import PluginWarning
from autovoice_core.backends import API, Licence, catalogue
from autovoice_core.backends.plugins.plugin import GROUP

Writer = Callable[..., Path]

NEWER = """
from autovoice_core.backends import Licence, Offer, hookimpl

@hookimpl
def autovoice_converters():
    licence = Licence(code="MIT", fees=3)
    yield Offer(name="x", load="m:x", devices=("cpu",), licence=licence, flops=3)
    yield Offer(name="y", load="m:x", devices=("cpu",), licence=licence, flops=4)
"""


def test_fields_of_a_newer_core_are_ignored_and_told(write_plugin: Writer) -> None:
    write_plugin("newer", NEWER)
    with pytest.warns(PluginWarning) as caught:
        found = catalogue()
    assert [str(item.message) for item in caught] == [
        "plugin 'newer' (newer-plugin 1.0) is made for a newer autovoice-core: Licence.fees, "
        "Offer.flops is not known to plugin API 1.1 and ignored; update autovoice-core"
    ]
    assert {entry.name for entry in found.offers} >= {"newer/x", "newer/y"}


def test_outside_of_plugins_an_unknown_field_is_an_error() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'fees'"):
        Licence(code="MIT", fees=3)  # type: ignore[call-arg]


def test_the_major_number_is_that_of_the_group() -> None:
    assert f"autovoice.v{API[0]}" == GROUP
