from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

from autovoice_core import (
    Need,
    NoBackend,
    Quality,
    select,
)
from autovoice_core.backends import Entry
from autovoice_core.backends.choice.ranking import rank_offers

Make = Callable[..., Entry]
Offering = Callable[..., None]


def test_a_probe_runs_once_for_offer_and_device(
    offering: Offering, make_entry: Make, probes: list[str]
) -> None:
    offering(make_entry(devices=("cpu", "cuda"), probe="a_backend:probe"), devices=("cuda", "cpu"))
    for device in ("cpu", "cuda", "cpu", "cuda"):
        select("pitch", Need(devices=(device,)))
    assert probes == ["cpu", "cuda"]


def test_only_those_up_to_the_first_that_works_are_probed(
    offering: Offering, make_entry: Make, probes: list[str]
) -> None:
    offering(
        make_entry("a/best", quality=Quality.BEST, probe="a_backend:refuse"),
        make_entry("b/good", probe="a_backend:probe"),
        make_entry("c/good", probe="a_backend:probe"),
    )
    chosen = select("pitch")
    assert chosen.backend == "b/good"
    assert probes == ["cpu"]
    assert chosen.explain() == (
        "pitch: b/good (b-dist 1.0) on cpu, float32\n"
        "  b/good ranks first of those that fit, with quality GOOD\n"
        "  c/good (c-dist 1.0) equals b/good, which comes first by name\n"
        "  a/best (a-dist 1.0) failed its probe on cpu: RuntimeError: no kernel runs on cpu"
    )
    (failed,) = chosen.considered[-1].reasons
    lines = failed.traceback.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].endswith("in refuse")
    assert lines[-1] == "RuntimeError: no kernel runs on cpu"


@pytest.mark.parametrize("ending", [SystemExit, KeyboardInterrupt])
def test_a_probe_can_not_end_the_program(
    offering: Offering,
    make_entry: Make,
    backend_module: ModuleType,
    ending: type[BaseException],
) -> None:
    def leave(device: str) -> None:
        raise ending(f"no {device}")

    backend_module.probe = leave  # type: ignore[attr-defined]
    offering(make_entry(probe="a_backend:probe"))
    with pytest.raises(NoBackend) as caught:
        select("pitch")
    assert str(caught.value) == (
        "no backend serves pitch on cpu, float32: mine/tracker (mine-dist 1.0) failed its "
        f"probe on cpu: {ending.__name__}: no cpu; run `autovoice backends --why pitch` for details"
    )


def test_comparing_does_not_probe(offering: Offering, make_entry: Make, probes: list[str]) -> None:
    offering(make_entry(probe="a_backend:probe"))
    (found,) = rank_offers("pitch")
    assert not found.reasons
    assert not probes


def test_a_device_that_can_not_be_looked_for_is_left_to_the_probe(
    offering: Offering, make_entry: Make, probes: list[str]
) -> None:
    offering(make_entry(devices=("tpu",), probe="a_backend:probe"))
    assert select("pitch", Need(devices=("tpu",))).device == "tpu"
    assert probes == ["tpu"]
