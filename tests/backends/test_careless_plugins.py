"""Plugins that print, change the process or never end while they are found."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from autovoice_core import PluginWarning
from autovoice_core.backends import catalogue, containment

Writer = Callable[..., Path]

HEAD = "from autovoice_core.backends import Licence, Offer, hookimpl\n"
OFFER = "Offer(name='x', load='m:x', devices=('cpu',), licence=Licence('MIT'))"
HOOK = f"@hookimpl\ndef autovoice_separators(): yield {OFFER}\n"


@pytest.fixture(autouse=True)
def nothing_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(containment, "_reported", set())
    monkeypatch.chdir(tmp_path)


def test_an_import_that_changes_the_process_is_undone(write_plugin: Writer) -> None:
    write_plugin("careless", f"import os\n{HEAD}os.chdir('/')\nos.umask(0o011)\n{HOOK}")
    before = Path.cwd(), os.umask(0o022)
    with pytest.warns(PluginWarning) as caught:
        found = catalogue()
    assert (Path.cwd(), os.umask(before[1])) == (before[0], 0o022)
    assert [str(item.message) for item in caught] == [
        "plugin 'careless' (careless-plugin 1.0) changed the working directory and the umask "
        "(put back) while it was imported"
    ]
    assert "careless/x" in {entry.name for entry in found.offers}


def test_what_an_import_and_a_hook_print_goes_to_standard_error(
    write_plugin: Writer, capsys: pytest.CaptureFixture[str]
) -> None:
    hook = f"@hookimpl\ndef autovoice_separators():\n    print('offering')\n    yield {OFFER}\n"
    write_plugin("chatty", f"{HEAD}print('loading')\n{hook}")
    catalogue()
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "loading\noffering\n")


def test_offers_without_end_are_a_fault(write_plugin: Writer) -> None:
    loop = f"@hookimpl\ndef autovoice_separators():\n    while True: yield {OFFER}\n"
    write_plugin("endless", HEAD + loop)
    with pytest.warns(PluginWarning, match="more than 1000 Offers; yield fewer"):
        found = catalogue()
    assert [fault.kind for fault in found.faults if fault.plugin == "endless"] == ["offer"]
