"""A stranger's plugin takes part once it is enabled, and is not even imported before."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from autovoice_core import InputError, Need, NoBackend, PluginWarning, UnknownBackend, plan, select
from autovoice_core.backends import catalogue, refresh
from autovoice_core.backends.plugins.declared import OURS
from autovoice_core.backends.plugins.discovery import discover
from autovoice_core.backends.plugins.trust import enable

Writer = Callable[..., Path]

STRANGER = """
from autovoice_core.backends import Licence, Offer, Quality, hookimpl

def offers():
    yield Offer(
        name="best", load="stranger:open_it", devices=("cpu", "npu"), latency=0.001,
        quality=Quality.BEST, licence=Licence("MIT"), probe="stranger:probe",
    )

def probe(device): pass

@hookimpl
def autovoice_pitch_estimators(): return offers()

@hookimpl
def autovoice_separators(): return offers()

@hookimpl
def autovoice_converters(): return offers()
"""
OTHERS = ",".join({*OURS, "reference"})
NOT_ENABLED = (
    "plugin 'stranger' (stranger-plugin 1.0) was left out: it is not enabled; run `autovoice "
    "plugins enable stranger`, or ask for one of its backends by name"
)


@pytest.fixture(autouse=True)
def stranger(write_plugin: Writer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The plugin of a stranger, who claims the best of everything, and no other."""
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AUTOVOICE_PLUGINS", "reference")
    monkeypatch.setenv("AUTOVOICE_BLOCK", OTHERS)
    write_plugin("stranger", STRANGER)


def test_nothing_of_it_is_imported_to_list_or_to_choose() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "stranger" not in {entry.plugin for entry in catalogue().offers}
        with pytest.raises(NoBackend):
            select("pitch")
        with pytest.raises(NoBackend):
            plan()
    assert "stranger" not in sys.modules


def test_a_refusal_says_that_it_is_not_enabled() -> None:
    with pytest.raises(NoBackend) as caught:
        select("pitch")
    assert f"; {NOT_ENABLED}; " in str(caught.value)
    assert NOT_ENABLED in map(str, catalogue().faults)
    assert caught.value.summary.partition(": ")[2] == (
        "no plugin that is enabled offers one, and not enabled are stranger; enable one by "
        "`autovoice plugins enable NAME`; `autovoice backends --why pitch --device cpu` tells more"
    )


def test_it_is_used_by_name_and_that_enables_nothing() -> None:
    chosen = select("pitch", name="stranger/best")
    assert chosen.backend == "stranger/best"
    assert not any(fault.kind == "disabled" for fault in chosen.faults)
    with pytest.raises(NoBackend) as caught:
        select("pitch")
    assert (
        "stranger/best (stranger-plugin 1.0) is of a plugin that is not enabled; run `autovoice "
        "plugins enable stranger`"
    ) in str(caught.value)


def test_what_it_offers_is_told_once_it_is_named() -> None:
    with pytest.raises(UnknownBackend) as caught:
        select("pitch", name="stranger/better")
    assert str(caught.value) == (
        "backend 'stranger/better', named by the argument, is not among the offers for pitch "
        "(did you mean 'stranger/best'?): known are stranger/best"
    )


@pytest.mark.parametrize("names", ["stranger", "stranger-plugin", "all"])
def test_the_environment_can_enable_it(names: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOVOICE_PLUGINS", names)
    assert select("pitch").backend == "stranger/best"


def test_the_user_can_enable_it_and_a_program_that_runs_finds_that_out_when_it_asks() -> None:
    assert not any(plugin.enabled for plugin in catalogue().plugins if plugin.name == "stranger")
    enable("stranger", catalogue().plugins)
    with pytest.raises(NoBackend):
        select("pitch")
    refresh()
    assert select("pitch").backend == "stranger/best"
    assert plan().conversion.backend == "stranger/best"


def test_a_need_can_enable_it_for_one_choice() -> None:
    need = Need(plugins=("stranger",))
    assert select("pitch", need).backend == "stranger/best"
    assert plan(need).separation.backend == "stranger/best"
    with pytest.raises(NoBackend):
        select("pitch")


def test_its_devices_are_not_tried_while_it_is_not_enabled() -> None:
    select("pitch", Need(devices=("npu",)), name="stranger/best")
    with pytest.raises(NoBackend) as caught:
        select("pitch", Need(devices=("auto",)))
    assert "npu" not in str(caught.value).partition(" serves ")[2].partition(":")[0]


def test_a_need_that_names_a_plugin_that_is_not_installed_is_refused() -> None:
    with pytest.raises(UnknownBackend) as caught:
        select("pitch", Need(plugins=("strangr",)))
    assert str(caught.value) == (
        "plugin 'strangr', named by the need, is not installed (did you mean 'stranger'?)"
    )


def test_a_need_takes_names_of_plugins_alone() -> None:
    for plugins in ("stranger", ("a b",), (1,)):
        with pytest.raises(InputError) as caught:
            Need(plugins=plugins)  # type: ignore[arg-type]
        assert str(caught.value) == (
            f"plugins: {plugins!r} is not a tuple of names of plugins; give for example ('acf',)"
        )


def test_a_need_tells_which_plugins_it_enables() -> None:
    assert str(Need(plugins=("acf", "yin"))) == "on cpu, float32, plugins acf and yin enabled"


def test_what_is_blocked_is_not_imported_even_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOVOICE_BLOCK", f"stranger,{OTHERS}")
    with pytest.raises(UnknownBackend, match="AUTOVOICE_BLOCK names it"):
        select("pitch", name="stranger/best")
    assert "stranger" not in sys.modules


def test_a_broken_plugin_is_warned_of_when_it_is_named(write_plugin: Writer) -> None:
    write_plugin("sick", "raise OSError('libgpu is gone')")
    assert "disabled" in {fault.kind for fault in catalogue().faults if fault.plugin == "sick"}
    with pytest.warns(PluginWarning, match="plugin 'sick'"):
        assert "load" in {fault.kind for fault in catalogue(["sick"]).faults}


@pytest.mark.parametrize("enabled", ["reference", "all", "aaa-first"])
def test_nobody_takes_the_name_of_a_plugin_of_this_project(
    enabled: str, write_plugin: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = write_plugin("thief", STRANGER, "[autovoice.v1]\ncpu = thief\n")
    (info / "METADATA").write_text("Name: aaa-first\nVersion: 1.0\n")
    monkeypatch.setenv("AUTOVOICE_PLUGINS", enabled)
    found = discover(block="stranger,reference", named=["cpu"])
    assert [str(fault) for fault in found.faults if fault.kind == "reserved"] == [
        "plugin 'cpu' (aaa-first 1.0) was left out: the name is reserved for autovoice-cpu; "
        "uninstall aaa-first, or let its authors choose another name"
    ]
    assert "aaa-first 1.0" not in {entry.distribution for entry in found.offers}
    assert "thief" not in sys.modules


def test_a_name_in_the_environment_that_no_plugin_has_is_recorded() -> None:
    faults = [str(fault) for fault in discover(allow="strangr").faults]
    assert (
        "plugin 'strangr' (not installed) was left out: AUTOVOICE_PLUGINS names it, but no such "
        "plugin is installed (did you mean 'stranger'?)"
    ) in faults
