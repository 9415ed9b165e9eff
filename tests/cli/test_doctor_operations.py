"""Operations that no backend can do, each with its one cause."""

from __future__ import annotations

import pytest

from autovoice_core.backends import Catalogue, Entry, Fault, Licence, Offer
from autovoice_core.cli._availability import Availability
from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.cli.doctor.operations import check_operations

LACKING = "no backend can do separation or conversion here"


@pytest.fixture
def tracked() -> list[Availability]:
    """A backend for the pitch alone."""
    offer = Offer(name="x", load="a:b", devices=("cpu",), licence=Licence("MIT"))
    return [Availability(Entry("mine/x", "pitch", "mine 1.0", offer), ("cpu",), ())]


def left_out(kind: str) -> Catalogue:
    return Catalogue(faults=(Fault("cpu", "autovoice-cpu 0.1.0", kind, "for a reason"),))


def test_a_plugin_that_is_not_there_is_named_once(tracked: list[Availability]) -> None:
    text = f"{LACKING}; install one, such as autovoice-cpu"
    remedy = "pip install autovoice-cpu"
    assert list(check_operations(tracked, Catalogue())) == [
        Finding("no-backend", "problem", text, remedy)
    ]


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        ("cpu", "unset AUTOVOICE_BLOCK"),
        ("all", "unset AUTOVOICE_BLOCK"),
        ("Autovoice_CPU", "unset AUTOVOICE_BLOCK"),
        ("rvc, cpu,demucs", "export AUTOVOICE_BLOCK=demucs,rvc"),
    ],
)
def test_one_that_is_blocked_is_unblocked(
    tracked: list[Availability], monkeypatch: pytest.MonkeyPatch, value: str, remedy: str
) -> None:
    monkeypatch.setenv("AUTOVOICE_BLOCK", value)
    text = f"{LACKING}, as AUTOVOICE_BLOCK blocks the plugin 'cpu' of autovoice-cpu"
    assert list(check_operations(tracked, left_out("blocked"))) == [
        Finding("no-backend", "problem", text, remedy)
    ]


def test_one_that_is_disabled_is_enabled(tracked: list[Availability]) -> None:
    text = f"{LACKING}, as the plugin 'cpu' of autovoice-cpu is disabled"
    remedy = "autovoice plugins enable autovoice-cpu"
    assert list(check_operations(tracked, left_out("disabled"))) == [
        Finding("no-backend", "problem", text, remedy)
    ]


def test_of_one_that_is_broken_nothing_is_told_twice(tracked: list[Availability]) -> None:
    assert list(check_operations(tracked, left_out("load"))) == []


def test_a_package_that_is_installed_and_can_not_be_imported_is_installed_again(
    tracked: list[Availability],
) -> None:
    offer = Offer(
        name="y", load="a:b", devices=("cpu",), licence=Licence("MIT"), imports=("no_such_module",)
    )
    lacking = [
        Availability(Entry("cpu/y", operation, "autovoice-cpu 0.1.0", offer), (), ())
        for operation in ("separation", "conversion")
    ]
    text = f"{LACKING}, as no-such-module, which autovoice-cpu needs, can't be imported"
    remedy = "pip install --force-reinstall no-such-module"
    offers = [*tracked, *lacking]
    assert list(check_operations(offers, Catalogue(), {"no-such-module"})) == [
        Finding("no-backend", "problem", text, remedy)
    ]
    (told,) = check_operations(offers, Catalogue(), set())
    assert told.remedy == "pip install autovoice-cpu"
