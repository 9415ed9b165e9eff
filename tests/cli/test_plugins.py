from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autovoice_core import select
from autovoice_core.backends.plugins.registry import Registry, using_registry
from autovoice_core.cli import main

MODULE = """
from autovoice_core.backends import Licence, Offer, hookimpl
@hookimpl
def autovoice_pitch_estimators():
    for name in ("yin", "acf"):
        yield Offer(name=name, load="m:x", devices=("cpu",), licence=Licence("MIT"))
"""
NOT_ENABLED = (
    "plugin 'tracker' (tracker-plugin 1.0) was left out: it is not enabled; run `autovoice plugins "
    "enable tracker`, or ask for one of its backends by name"
)
HEAD = ["plugin", "distribution", "module", "enabled", "backends"]


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A plugin of a stranger's, of two backends, and a user who decided nothing yet."""
    info = tmp_path / "tracker_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: tracker-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[autovoice.v1]\ntracker = tracker_offers\n")
    (tmp_path / "tracker_offers.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("AUTOVOICE_PLUGINS", "reference")
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path / "home"))
    with using_registry(Registry()):
        yield
    sys.modules.pop("tracker_offers", None)


def lines(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(["plugins", *arguments]) == 0
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_plugins_are_listed_and_none_is_imported(capsys: pytest.CaptureFixture[str]) -> None:
    found = lines(capsys, "list")
    assert found[0].split() == HEAD
    assert "tracker tracker-plugin 1.0 tracker_offers no -" in found
    assert any(line.startswith("reference reference-backend 1.0 reference_ba") for line in found)
    assert NOT_ENABLED in found
    assert "tracker_offers" not in sys.modules


def test_a_plugin_that_is_named_is_listed_with_its_backends(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert lines(capsys, "list", "tracker")[1:] == [
        "tracker tracker-plugin 1.0 tracker_offers no tracker/acf, tracker/yin"
    ]


def test_a_plugin_is_enabled_and_disabled_for_good(capsys: pytest.CaptureFixture[str]) -> None:
    enabled = "tracker tracker-plugin 1.0 tracker_offers yes tracker/acf, tracker/yin"
    assert lines(capsys, "enable", "tracker")[1:] == [enabled]
    with using_registry(Registry()):
        assert enabled in lines(capsys, "list")
        assert select("pitch").backend == "reference/nccf"
    assert lines(capsys, "disable", "tracker-plugin")[1:] == [
        "tracker tracker-plugin 1.0 tracker_offers no -",
        NOT_ENABLED,
    ]


def test_plugins_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plugins", "list", "--json", "tracker"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "plugin": "tracker",
            "distribution": "tracker-plugin",
            "version": "1.0",
            "entry_point": "tracker_offers",
            "group": "autovoice.v1",
            "enabled": False,
            "backends": ["tracker/acf", "tracker/yin"],
            "faults": [],
        }
    ]
    assert main(["plugins", "list", "--json"]) == 0
    faults = {item["plugin"]: item["faults"] for item in json.loads(capsys.readouterr().out)}
    assert faults["tracker"] == []


@pytest.mark.parametrize("command", ["list", "enable", "disable"])
def test_a_plugin_that_is_not_installed_is_refused(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plugins", command, "trackr"]) == 1
    assert capsys.readouterr().err.startswith(
        "autovoice: trackr: no such plugin is installed (did you mean 'tracker'?); known are "
    )
