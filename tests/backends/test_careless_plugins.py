"""Plugins that print, change the process, never end or say too much while they are found."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autovoice_core import PluginWarning
from autovoice_core.backends import catalogue
from autovoice_core.backends.containment import side_effects
from autovoice_core.backends.plugins.discovery import discover

Writer = Callable[..., Path]

HEAD = "from autovoice_core.backends import Licence, Offer, hookimpl\n"
OFFER = "Offer(name='x', load='m:x', devices=('cpu',), licence=Licence('MIT'))"
HOOK = f"@hookimpl\ndef autovoice_separators(): yield {OFFER}\n"


@pytest.fixture(autouse=True)
def nothing_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(side_effects, "_reported", set())
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


LIAR = "class Liar:\n    __class__ = Offer\n    def __repr__(self): return 'an Offer'\n"
NAMELESS = """
class Kind(type):
    def __getattribute__(cls, name): raise ValueError(name)
class Nameless(BaseException, metaclass=Kind): pass
raise Nameless
"""


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        (
            f"{HEAD}{LIAR}@hookimpl\ndef autovoice_separators(): yield Liar()\n",
            "autovoice_separators() yielded an Offer, which is no Offer",
        ),
        (NAMELESS, "importing it raised Nameless, an exception that can't be described"),
    ],
)
def test_a_plugin_that_lies_about_its_classes_is_named(
    write_plugin: Writer, source: str, fault: str
) -> None:
    write_plugin("lying", source)
    assert [str(fault) for fault in discover().faults] == [
        f"plugin 'lying' (lying-plugin 1.0) was left out: {fault}"
    ]


def test_of_many_long_warnings_the_first_are_shown_and_cut(write_plugin: Writer) -> None:
    warn = "import warnings\nfor i in range(3000): warnings.warn(f'{i} ' * 2000)\n"
    write_plugin("warning", f"{HEAD}{warn}{HOOK}")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        catalogue()
    assert len(caught) == 21
    assert str(caught[0].message) == f"{'0 ' * 500}… (3,000 more characters)"
    assert str(caught[-1].message) == (
        "plugin 'warning' (warning-plugin 1.0) raised 2,980 more warnings, which are not shown"
    )


INTERRUPTS = {
    "import": "raise KeyboardInterrupt('mine')",
    "hook": (
        f"{HEAD}@hookimpl\ndef autovoice_separators():\n    raise KeyboardInterrupt('mine')\n"
    ),
}


@pytest.mark.parametrize(
    ("place", "deed"), [("import", "importing it"), ("hook", "autovoice_separators()")]
)
def test_an_interrupt_that_a_plugin_raises_is_its_fault(
    write_plugin: Writer, place: str, deed: str
) -> None:
    write_plugin("interrupting", INTERRUPTS[place])
    assert [str(fault) for fault in discover().faults] == [
        "plugin 'interrupting' (interrupting-plugin 1.0) was left out: "
        f"{deed} raised KeyboardInterrupt: mine"
    ]


def stop(number: int, frame: Any) -> None:
    raise SystemExit(3)


@pytest.mark.parametrize(
    ("handler", "passed"), [(signal.default_int_handler, KeyboardInterrupt), (stop, SystemExit)]
)
def test_an_interrupt_by_the_user_while_a_plugin_is_imported_is_passed_on(
    write_plugin: Writer, handler: Any, passed: type[BaseException]
) -> None:
    write_plugin("slow", "import signal\nsignal.raise_signal(signal.SIGINT)")
    before = signal.signal(signal.SIGINT, handler)
    try:
        with pytest.raises(passed):
            discover()
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_of_an_endless_message_and_its_traceback_the_beginning_is_kept(
    write_plugin: Writer,
) -> None:
    write_plugin("verbose", "raise OSError('a word ' * 1_000_000)")
    (fault,) = discover().faults
    assert fault.text.startswith("importing it raised OSError: a word a word")
    assert fault.text.endswith("… (6,999,000 more characters)")
    assert len(fault.text) < 1100
    assert fault.traceback.startswith("Traceback (most recent call last):")
    assert len(fault.traceback) < 20_100


def test_of_an_endless_value_in_place_of_an_offer_the_beginning_is_kept(
    write_plugin: Writer,
) -> None:
    hook = "@hookimpl\ndef autovoice_separators(): yield 'm ' * 1_000_000\n"
    write_plugin("verbose", HEAD + hook)
    (fault,) = discover().faults
    assert fault.text.startswith("autovoice_separators() yielded 'm m m ")
    assert fault.text.endswith(" more characters)")


def test_a_distribution_of_very_many_plugins_is_one_fault(write_plugin: Writer) -> None:
    points = "".join(f"p{number} = crowd\n" for number in range(101))
    write_plugin("crowd", "raise AssertionError", f"[autovoice.v1]\n{points}")
    found = discover()
    assert [str(fault) for fault in found.faults] == [
        "plugin 'crowd-plugin' (crowd-plugin 1.0) was left out: it declares 101 plugins, more than "
        "the 100 allowed; uninstall it, or let its authors offer several backends by one plugin"
    ]
    assert [plugin.name for plugin in found.plugins if plugin.package == "crowd-plugin"] == [
        "crowd-plugin"
    ]


def test_entry_points_of_very_many_characters_are_not_parsed(write_plugin: Writer) -> None:
    points = "[autovoice.v1]\ncrowd = crowd\n[others]\n" + "a = b\n" * 170_000
    write_plugin("crowd", "raise AssertionError", points)
    assert [str(fault) for fault in discover().faults] == [
        "plugin 'crowd-plugin' (crowd-plugin 1.0) was left out: its entry points can't be read "
        "(ValueError: 1,020,038 characters are more than the 1,000,000 that are read); reinstall it"
    ]
