"""Settings that callers give: which count, what the backend gets, what is recorded."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import Any

import attrs
import pytest
from attrs import frozen
from guard_helpers import Anything

from autovoice_core import InputError, Provenance, VocalSeparator, select, using
from autovoice_core.backends import Entry, setting
from autovoice_core.backends.choice.given_settings import parse_settings, using_settings
from autovoice_core.backends.choice.selection import plan


@frozen
class Knobs:
    shifts: int = setting(1, low=1, high=20, help="passes that are averaged")
    overlap: float = setting(0.25, low=0, high=0.9, help="part of a segment")


@pytest.fixture(autouse=True)
def installed(
    offering: Callable[..., None],
    make_entry: Callable[..., Entry],
    backend_module: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A separator with two settings, a tracker and a converter without any."""
    monkeypatch.delenv("AUTOVOICE_SETTINGS", raising=False)

    def open_it(*, device: str, dtype: str, settings: Knobs = Knobs()) -> Anything:
        return Anything(settings)

    backend_module.open_it = open_it  # type: ignore[attr-defined]
    offering(
        make_entry("mine/x", "separation", settings=Knobs),
        make_entry("mine/y", "pitch"),
        make_entry("mine/z", "conversion"),
    )


def shifts() -> Any:
    return select("separation").settings.shifts


def test_the_argument_comes_first_then_using_then_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert shifts() == 1
    monkeypatch.setenv("AUTOVOICE_SETTINGS", "separation.shifts=2, separation.overlap=0.5,")
    assert select("separation").settings == Knobs(shifts=2, overlap=0.5)
    with using(settings={"separation.shifts": 3}):
        assert select("separation").settings == Knobs(shifts=3, overlap=0.5)
        with using(settings={"separation.overlap": 0.75}):
            assert select("separation").settings == Knobs(shifts=3, overlap=0.75)
        chosen = select("separation", settings={"shifts": 4})
        assert chosen.settings == Knobs(shifts=4, overlap=0.5)
    assert shifts() == 2


def test_settings_hold_for_their_own_thread() -> None:
    found: list[int] = []
    with using(settings={"separation.shifts": 3}):
        thread = threading.Thread(target=lambda: found.append(shifts()))
        thread.start()
        thread.join()
    assert found == [1]


def test_an_opened_backend_is_told_its_settings() -> None:
    chosen = select("separation", settings={"shifts": 4})
    assert chosen.open().inner.answer == Knobs(shifts=4)
    assert chosen.provenance == Provenance(
        "separation", "mine/x", "mine-dist 1.0", "cpu", "float32", {"shifts": 4, "overlap": 0.25}
    )
    assert str(chosen.provenance) == (
        "separation: mine/x (mine-dist 1.0) on cpu, float32, shifts=4, overlap=0.25"
    )


def test_a_provenance_goes_through_json_and_into_sets() -> None:
    made = select("separation", settings={"shifts": 4}).provenance
    back = Provenance(**json.loads(json.dumps(attrs.asdict(made))))
    assert back == made
    assert len({back, made, attrs.evolve(made, settings={})}) == 2


def test_a_factory_of_an_offer_without_settings_is_called_as_ever(
    backend_module: ModuleType,
) -> None:
    backend_module.open_it = lambda *, device, dtype: Anything(dtype)  # type: ignore[attr-defined]
    assert select("pitch").open().inner.answer == "float32"
    assert select("pitch").provenance.settings == {}


def test_an_engine_has_settings_of_its_own() -> None:
    with using(settings={"separation.shifts": 3}):
        assert VocalSeparator(settings={"overlap": 0.5}).chosen.settings == Knobs(
            shifts=3, overlap=0.5
        )


def test_a_plan_has_settings() -> None:
    with using(settings={"separation.shifts": 3}):
        assert plan().separation.settings == Knobs(shifts=3)
    assert plan().separation.settings == Knobs()


@pytest.mark.parametrize("text", ["shifts=2", "separation.=2", "guess.x=1", "separation.shifts="])
def test_what_is_not_a_setting_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_settings([text], "the option --set")
    quoted = text if text.endswith("=") else text.partition("=")[0]
    assert str(caught.value) == (
        f"settings: {quoted!r}, given by the option --set, is not OPERATION.NAME=VALUE with "
        "OPERATION one of separation, pitch, conversion, speech; write separation.overlap=0.5 for "
        "example"
    )


def test_settings_of_the_environment_that_are_wrong_name_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AUTOVOICE_SETTINGS", "separation.shifts=0")
    with pytest.raises(InputError) as caught:
        select("separation")
    assert str(caught.value) == (
        "separation.shifts: '0', given by the environment variable AUTOVOICE_SETTINGS, is not a "
        "whole number from 1 to 20; 1 is the default"
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: using(settings=3).__enter__(),  # type: ignore[arg-type]
            "settings: 3 is not a mapping from names to values; give for example "
            "{'separation.overlap': 0.5}",
        ),
        (
            lambda: VocalSeparator(settings="overlap"),  # type: ignore[arg-type]
            "settings: 'overlap' is not a mapping from names to values; give for example "
            "{'overlap': 0.5}",
        ),
    ],
)
def test_settings_that_are_no_mapping_are_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value) == message


def test_settings_end_with_their_block_even_if_it_raises() -> None:
    given = parse_settings(["separation.shifts=5"], "a test")
    with suppress(KeyError), using_settings(given):
        assert shifts() == 5
        raise KeyError
    assert shifts() == 1
