"""Each broken plugin is left out with a sentence that says what to do, and hurts no other."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from autovoice_core import ApiMismatch, BadOffer, LoadFault, PluginError, PluginWarning
from autovoice_core.backends import Fault, catalogue
from autovoice_core.backends.plugins.discovery import discover

Installer = Callable[..., None]
Writer = Callable[..., Path]

OFFER = "Offer(name='x', load='m:x', devices=('cpu',), licence=Licence('MIT'))"
HEAD = "from autovoice_core.backends import Licence, Offer, hookimpl\n"

LEFT_OUT = {
    "crash_at_import": (
        "load",
        LoadFault,
        "plugin 'crash' (crash-at-import 1.0) was left out: importing it raised "
        "ModuleNotFoundError: No module named 'a_package_that_is_not_there'",
    ),
    "system_exit": (
        "load",
        LoadFault,
        "plugin 'exit' (system-exit 1.0) was left out: importing it raised "
        "SystemExit: no GPU, no work",
    ),
    "wrong_argument": (
        "hook",
        PluginError,
        "plugin 'argument' (wrong-argument 1.0) was left out: a hook is not as specified: "
        "Argument(s) {'device'} are declared in the hookimpl but can not be found in the hookspec; "
        "hooks take no arguments",
    ),
    "raising_hook": (
        "load",
        LoadFault,
        "plugin 'raising' (raising-hook 1.0) was left out: autovoice_pitch_estimators() raised "
        "RuntimeError: the driver is too old",
    ),
    "other_api": (
        "api",
        ApiMismatch,
        "plugin 'future' (other-api 1.0) was left out: it is written for plugin API autovoice.v2, "
        "but this is autovoice.v1; update autovoice-core",
    ),
    "older_api": (
        "api",
        ApiMismatch,
        "plugin 'past' (older-api 1.0) was left out: it is written for plugin API autovoice.v0, "
        "but this is autovoice.v1; update older-api",
    ),
    "misspelt_hook": (
        "hook",
        PluginError,
        "plugin 'misspelt' (misspelt-hook 1.0) was left out: its autovoice_pitch_estimator() "
        "is not a hook (did you mean 'autovoice_pitch_estimators'?)",
    ),
    "bad_offer": (
        "offer",
        BadOffer,
        "plugin 'bad' (bad-offer 1.0) was left out: offer 'tracker': load 'bad_offer.open_it' is "
        "not 'module:name'",
    ),
}


def faults_of(*plugins: str) -> list[Fault]:
    return [fault for fault in discover().faults if fault.plugin in plugins]


@pytest.mark.parametrize("folder", LEFT_OUT)
def test_a_broken_plugin_is_left_out_alone(folder: str, install: Installer) -> None:
    install("fine", folder)
    found = discover()
    kind, _, text = LEFT_OUT[folder]
    assert [(fault.kind, str(fault)) for fault in found.faults] == [(kind, text)]
    assert "fine/tracker" in {entry.name for entry in found.offers}


@pytest.mark.parametrize("folder", LEFT_OUT)
def test_strict_mode_raises_what_is_broken(
    folder: str, install: Installer, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(folder)
    monkeypatch.setenv("AUTOVOICE_STRICT", "1")
    _, error, text = LEFT_OUT[folder]
    with pytest.raises(PluginError) as caught:
        catalogue()
    assert type(caught.value) is error
    assert str(caught.value) == text


def test_strict_mode_chains_the_cause(install: Installer, monkeypatch: pytest.MonkeyPatch) -> None:
    install("crash_at_import")
    monkeypatch.setenv("AUTOVOICE_STRICT", "1")
    with pytest.raises(LoadFault) as caught:
        catalogue()
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


@pytest.mark.parametrize("folder", LEFT_OUT)
def test_a_broken_plugin_is_warned_of_once(folder: str, install: Installer) -> None:
    install(folder)
    with pytest.warns(PluginWarning) as caught:
        catalogue()
    assert [str(item.message) for item in caught] == [
        f"{LEFT_OUT[folder][2]}; see `autovoice doctor`"
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        catalogue()


def test_a_fault_keeps_the_traceback_as_text(install: Installer) -> None:
    install("crash_at_import")
    (fault,) = faults_of("crash")
    assert fault.traceback.startswith("Traceback (most recent call last):")
    assert "import a_package_that_is_not_there" in fault.traceback


def test_all_broken_plugins_at_once_leave_the_fine_one(install: Installer) -> None:
    install("fine", *LEFT_OUT)
    found = discover()
    assert {str(fault) for fault in found.faults} == {text for _, _, text in LEFT_OUT.values()}
    assert "fine/tracker" in {entry.name for entry in found.offers}


def test_two_plugins_of_one_name_are_both_left_out(install: Installer) -> None:
    install("duplicate_name", "fine")
    found = discover()
    assert [(fault.kind, str(fault)) for fault in found.faults] == [
        (
            "duplicate",
            f"plugin 'fine' ({owner} 1.0) was left out: fine-plugin 1.0 and other-fine 1.0 have "
            "plugins of that name; run `autovoice plugins enable fine-plugin` or `autovoice "
            "plugins enable other-fine` to choose one",
        )
        for owner in ("fine-plugin", "other-fine")
    ]
    assert not [entry for entry in found.offers if entry.plugin == "fine"]


def test_of_two_plugins_of_one_name_the_one_that_is_enabled_is_loaded(install: Installer) -> None:
    install("duplicate_name", "fine")
    found = discover(allow="other-fine")
    assert [str(fault) for fault in found.faults if fault.plugin == "fine"] == [
        "plugin 'fine' (fine-plugin 1.0) was left out: other-fine 1.0 has the name and is enabled; "
        "to have this one instead, run `autovoice plugins enable fine-plugin`"
    ]
    assert {entry.distribution for entry in found.offers if entry.plugin == "fine"} == {
        "other-fine 1.0"
    }


def test_a_distribution_found_twice_counts_once(
    install: Installer, write_plugin: Writer, tmp_path: Path
) -> None:
    info = write_plugin("twin", HEAD + f"@hookimpl\ndef autovoice_converters(): yield {OFFER}")
    older = tmp_path / "older" / "twin_plugin-0.9.dist-info"
    older.mkdir(parents=True)
    for name in ("METADATA", "entry_points.txt"):
        (older / name).write_text((info / name).read_text().replace("1.0", "0.9"))
    install(older.parent, info.parent)
    found = discover()
    assert not found.faults
    assert [item.distribution for item in found.offers if item.name == "twin/x"] == [
        "twin-plugin 1.0"
    ]


def test_a_plugin_may_declare_another_api_beside_ours(write_plugin: Writer) -> None:
    write_plugin(
        "both",
        HEAD + f"@hookimpl\ndef autovoice_separators(): yield {OFFER}",
        "[autovoice.v2]\nboth = a_module_for_later\n[autovoice.v1]\nboth = both\n",
    )
    found = discover()
    assert not found.faults
    assert ("both/x", "separation") in {(e.name, e.operation) for e in found.offers}


@pytest.mark.parametrize("name", ["all", "a b", "a/b"])
def test_a_plugin_must_have_a_name_that_can_be_written(name: str, write_plugin: Writer) -> None:
    write_plugin("named", "raise AssertionError", f"[autovoice.v1]\n{name} = named\n")
    assert [str(fault) for fault in discover().faults] == [
        f"plugin {name!r} (named-plugin 1.0) was left out: its name may hold letters, digits, "
        "'.', '_' and '-' only, and not be 'all'"
    ]


def test_entry_points_that_can_not_be_read_are_a_fault(write_plugin: Writer) -> None:
    write_plugin("garbled", "", "[autovoice.v1]\nno equals sign\n")
    (fault,) = discover().faults
    assert fault.plugin == "garbled-plugin"
    assert fault.text.startswith("its entry points can't be read (TypeError: ")
    assert fault.text.endswith("); reinstall it")


def test_a_package_that_is_no_plugin_may_be_garbled(
    write_plugin: Writer,
) -> None:
    write_plugin("stranger", "", "[console_scripts]\nno equals sign\n")
    info = write_plugin("binary", "")
    (info / "entry_points.txt").write_bytes(b"\xff\xfe autovoice.v1")
    assert not discover().faults


@pytest.mark.parametrize("metadata", [b"Summary: nothing\n", b"\xff\xfe"])
def test_a_plugin_without_metadata_is_still_named(write_plugin: Writer, metadata: bytes) -> None:
    info = write_plugin("bare", HEAD + f"@hookimpl\ndef autovoice_separators(): yield {OFFER}")
    (info / "METADATA").write_bytes(metadata)
    (found,) = [entry for entry in discover().offers if entry.name == "bare/x"]
    assert found.distribution == "unnamed unversioned"
