from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from autovoice_core import (
    NoBackend,
    Quality,
    UnknownBackend,
    select,
    using,
)
from autovoice_core.backends import OPERATIONS, Catalogue, Entry, Fault, Plugin
from autovoice_core.backends.choice.named_backends import NamedBackend, absence, using_named

Make = Callable[..., Entry]
Offering = Callable[..., None]

FAULT = Fault("sick", "sick-dist 2.0", "load", "importing it raised OSError: libgpu is gone")


def test_a_name_overrules_the_rank(offering: Offering, make_entry: Make) -> None:
    offering(make_entry("a/best", quality=Quality.BEST), make_entry("b/draft"))
    chosen = select("pitch", name="b/draft")
    assert chosen.explain() == (
        "pitch: b/draft (b-dist 1.0) on cpu, float32\n  b/draft was named by the argument"
    )


def test_the_argument_comes_first_then_using_then_the_environment(
    offering: Offering, make_entry: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    offering(*(make_entry(name) for name in ("a/x", "b/x", "c/x", "d/x")))
    assert select("pitch").backend == "a/x"
    monkeypatch.setenv("AUTOVOICE_PITCH", "b/x")
    assert select("pitch").because == "was named by the environment variable AUTOVOICE_PITCH"
    with using(pitch="c/x"):
        assert select("pitch").because == "was named by using(pitch=...)"
        assert select("pitch", name="d/x").backend == "d/x"
    assert select("pitch").backend == "b/x"


def test_an_empty_variable_names_nothing(
    offering: Offering, make_entry: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    offering(make_entry())
    monkeypatch.setenv("AUTOVOICE_PITCH", " ")
    assert select("pitch").because == "ranks first of those that fit, with quality GOOD"


def test_using_nests_and_ends_with_its_block(offering: Offering, make_entry: Make) -> None:
    offering(*(make_entry(f"{n}/x", op) for n in "abc" for op in OPERATIONS))
    with using(pitch="b/x", conversion="b/x"):
        with suppress(RuntimeError), using(pitch="c/x"):
            assert select("pitch").backend == "c/x"
            assert select("conversion").backend == "b/x"
            raise RuntimeError
        assert select("pitch").backend == "b/x"
    assert select("pitch").backend == "a/x"


def test_a_name_from_elsewhere_says_where(offering: Offering, make_entry: Make) -> None:
    offering(make_entry("a/x"), make_entry("b/x"))
    with (
        using(pitch="a/x"),
        using_named({"pitch": NamedBackend("b/x", "the option --backend")}),
    ):
        assert select("pitch").explain().splitlines()[1] == (
            "  b/x was named by the option --backend"
        )


def test_using_holds_for_its_own_thread(offering: Offering, make_entry: Make) -> None:
    offering(make_entry("a/x"), make_entry("b/x"))
    found: list[str] = []

    def look() -> None:
        found.append(select("pitch").backend)

    with using(pitch="b/x"):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        look()
    assert found == ["a/x", "b/x"]


def test_an_opt_in_offer_needs_naming(offering: Offering, make_entry: Make) -> None:
    offering(make_entry(opt_in=True))
    assert select("pitch", name="mine/tracker").backend == "mine/tracker"
    with pytest.raises(NoBackend) as caught:
        select("pitch")
    assert str(caught.value) == (
        "no backend serves pitch on cpu, float32: mine/tracker (mine-dist 1.0) is used only "
        "when asked for by name; run `autovoice backends --why pitch` for details"
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "cpu/ncff",
            "backend 'cpu/ncff', named by the argument, is not among the offers for pitch "
            "(did you mean 'cpu/nccf'?): known are cpu/nccf, cpu/swift",
        ),
        (
            "swift",
            "backend 'swift', named by the argument, is not among the offers for pitch "
            "(did you mean 'cpu/swift'?): known are cpu/nccf, cpu/swift",
        ),
        (
            "0",
            "backend '0', named by the argument, is not among the offers for pitch: "
            "known are cpu/nccf, cpu/swift",
        ),
        (
            "x" * 5000,
            f"backend '{'x' * 200}… (4,800 more characters)', named by the argument, is not among "
            "the offers for pitch: known are cpu/nccf, cpu/swift",
        ),
        (
            "cpu/dtw",
            "backend 'cpu/dtw', named by the argument, is not among the offers for pitch: "
            "cpu/dtw is for conversion; known are cpu/nccf, cpu/swift",
        ),
        (
            "spleeter/fused",
            "backend 'spleeter/fused', named by the argument, is not among the offers for pitch: "
            "it is of the plugin autovoice-spleeter, which is not installed; "
            "`pip install ./plugins/spleeter` in the checkout; known are cpu/nccf, cpu/swift",
        ),
        (
            "sick/x",
            "backend 'sick/x', named by the argument, is not among the offers for pitch: "
            "plugin 'sick' (sick-dist 2.0) was left out: importing it raised OSError: libgpu "
            "is gone; known are cpu/nccf, cpu/swift",
        ),
    ],
)
def test_an_unknown_name_is_refused(
    offering: Offering, make_entry: Make, name: str, message: str
) -> None:
    offering(
        make_entry("cpu/nccf"),
        make_entry("cpu/swift"),
        make_entry("cpu/dtw", "conversion"),
        faults=(FAULT,),
    )
    with pytest.raises(UnknownBackend) as caught:
        select("pitch", name=name)
    assert str(caught.value) == message


def test_an_unknown_name_is_refused_where_nothing_is_installed(
    offering: Offering, monkeypatch: pytest.MonkeyPatch
) -> None:
    offering()
    monkeypatch.setenv("AUTOVOICE_PITCH", "cpu/nccf")
    with pytest.raises(UnknownBackend) as caught:
        select("pitch")
    assert str(caught.value) == (
        "backend 'cpu/nccf', named by the environment variable AUTOVOICE_PITCH, is not among "
        "the offers for pitch: it is of the plugin autovoice-cpu, which is not installed; "
        "`pip install ./plugins/cpu` in the checkout; none is installed"
    )


def test_a_named_backend_that_can_not_serve_is_refused(
    offering: Offering, make_entry: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    offering(make_entry("a/x"), make_entry("b/x", devices=("cuda",)))
    monkeypatch.setenv("AUTOVOICE_PITCH", "b/x")
    with pytest.raises(NoBackend) as caught:
        select("pitch")
    assert str(caught.value) == (
        "backend 'b/x', named by the environment variable AUTOVOICE_PITCH, can't serve pitch "
        "on cpu, float32: b/x (b-dist 1.0) runs on cuda, not on cpu; "
        "run `autovoice backends --why pitch` for details"
    )


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("disabled", "it is not enabled", "is not enabled; run `autovoice plugins enable rvc`"),
        (
            "blocked",
            "AUTOVOICE_BLOCK is 'all'",
            "is blocked (AUTOVOICE_BLOCK is 'all'); change that variable",
        ),
        ("load", "importing it raised OSError", "was left out: importing it raised OSError"),
    ],
)
def test_a_plugin_that_is_left_out_says_why(kind: str, text: str, expected: str) -> None:
    fault = Fault("rvc", "autovoice-rvc 1.0", kind, text)
    known = Catalogue(faults=(FAULT, fault), plugins=(Plugin("rvc", "autovoice-rvc 1.0"),))
    assert absence("rvc", known) == f"which {expected}"


def test_a_plugin_that_is_not_there_is_to_be_installed() -> None:
    named = Fault("rvc", "not installed", "blocked", "AUTOVOICE_BLOCK names it")
    assert absence("rvc", Catalogue(faults=(named,))) == (
        "which is not installed; `pip install ./plugins/rvc` in the checkout"
    )
    assert absence("mine", Catalogue()) == "which is not installed; install it"
