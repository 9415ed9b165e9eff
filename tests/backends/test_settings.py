"""Settings that an offer declares: their types, their ranges, and what is refused."""

from __future__ import annotations

import pickle
from typing import Any

import attrs
import pytest
from attrs import field, frozen, validators
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core import BadOffer, InputError
from autovoice_core.backends import Licence, Offer, setting
from autovoice_core.backends.choice.given_settings import Given
from autovoice_core.backends.settings import as_values, configured, described


@frozen
class Knobs:
    shifts: int = setting(1, low=1, high=20, help="passes that are averaged")
    overlap: float = setting(0.25, low=0, high=0.9, help="part of a segment")
    gain: float = setting(0.0, help="gain in dB")
    steps: int = setting(4, low=1, help="steps")
    room: float = setting(-3.0, high=0, help="room in dB")
    fast: bool = setting(False, help="whether to hurry")
    mode: str = setting("fine", choices=("fine", "coarse"), help="how finely")
    note: str = setting("", help="a note")


def given_as(**values: Any) -> dict[str, Given]:
    return {
        name: Given(value, f"separation.{name}", "given by the option --set")
        for name, value in values.items()
    }


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("shifts", "2", 2),
        ("shifts", 3.0, 3),
        ("overlap", "0.5", 0.5),
        ("overlap", 0, 0.0),
        ("fast", "True", True),
        ("fast", False, False),
        ("mode", "coarse", "coarse"),
        ("note", "3", "3"),
    ],
)
def test_a_value_is_of_the_type_of_the_default(name: str, value: Any, found: Any) -> None:
    made = configured(Knobs, given_as(**{name: value}), "mine/x")
    assert getattr(made, name) == found
    assert type(getattr(made, name)) is type(found)
    assert as_values(made) == as_values(Knobs()) | {name: found}


@pytest.mark.parametrize(
    ("name", "value", "meaning"),
    [
        ("shifts", "30", "'30', given by the option --set, is not a whole number from 1 to 20; 1"),
        ("shifts", 1.5, "1.5, given by the option --set, is not a whole number from 1 to 20; 1"),
        ("shifts", True, "True, given by the option --set, is not a whole number from 1 to 20; 1"),
        ("overlap", "x", "'x', given by the option --set, is not a number from 0 to 0.9; 0.25"),
        ("gain", float("inf"), "inf, given by the option --set, is not a number; 0.0"),
        ("steps", 0, "0, given by the option --set, is not a whole number of 1 or more; 4"),
        ("room", 1, "1, given by the option --set, is not a number of 0 or less; -3.0"),
        ("fast", "yes", "'yes', given by the option --set, is not true or false; false"),
        ("fast", 1, "1, given by the option --set, is not true or false; false"),
        ("mode", "rough", "'rough', given by the option --set, is not one of fine, coarse; fine"),
        ("note", 3, "3, given by the option --set, is not text; "),
    ],
)
def test_a_value_that_is_wrong_is_refused(name: str, value: Any, meaning: str) -> None:
    with pytest.raises(InputError) as caught:
        configured(Knobs, given_as(**{name: value}), "mine/x")
    assert str(caught.value) == f"separation.{name}: {meaning} is the default"


@pytest.mark.parametrize(
    ("declared", "name", "message"),
    [
        (
            Knobs,
            "shfts",
            "separation.shfts: mine/x has no such setting (did you mean 'shifts'?), given by the "
            "option --set; it has shifts, overlap, gain, steps, room, fast, mode, note",
        ),
        (
            None,
            "shifts",
            "separation.shifts: mine/x has no such setting, given by the option --set; it has none",
        ),
    ],
)
def test_a_setting_that_the_backend_lacks_is_refused(
    declared: Any, name: str, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        configured(declared, given_as(**{name: 1}), "mine/x")
    assert str(caught.value) == message


def test_a_backend_without_settings_gets_none() -> None:
    assert configured(None, {}, "mine/x") is None
    assert as_values(None) == {}


def test_a_class_refuses_wrong_values_wherever_it_is_made() -> None:
    with pytest.raises(InputError) as caught:
        Knobs(shifts=0)
    assert str(caught.value) == "shifts: 0 is not a whole number from 1 to 20; 1 is the default"


@frozen
class Plain:
    low: int = field(default=1, validator=validators.ge(1))
    high: int = field(default=4)

    def __attrs_post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


def test_what_validators_of_its_own_refuse_is_told() -> None:
    with pytest.raises(InputError) as caught:
        configured(Plain, given_as(low=5), "mine/x")
    assert str(caught.value) == (
        "separation.low: mine/x refuses the values: ValueError: low is above high"
    )


@given(st.integers() | st.floats() | st.text() | st.booleans() | st.none())
def test_a_value_is_in_range_or_refused(value: Any) -> None:
    try:
        found = configured(Knobs, given_as(overlap=value), "mine/x").overlap
    except InputError:
        return
    assert 0 <= found <= 0.9


def test_settings_are_described_for_users() -> None:
    assert described(None) == []
    assert described(Knobs)[0] == {
        "name": "shifts",
        "default": 1,
        "meaning": "a whole number from 1 to 20",
        "help": "passes that are averaged",
    }


def offer(settings: Any) -> Offer:
    return Offer(name="x", load="a:b", devices=("cpu",), licence=Licence("MIT"), settings=settings)


def test_an_offer_with_settings_pickles_and_hashes() -> None:
    made = offer(Knobs)
    assert pickle.loads(pickle.dumps(made)) == made
    assert hash(made) == hash(offer(Knobs))


def attrs_class(name: str, **fields: Any) -> type[Any]:
    return attrs.make_class(name, fields)


@pytest.mark.parametrize(
    ("declared", "fault"),
    [
        (int, "settings <class 'int'> is not an attrs class"),
        ({"shifts": 1}, "settings {'shifts': 1} is not an attrs class"),
        (
            attrs_class("Bare", shifts=field()),
            "setting 'shifts' has no default that is a truth value, a number or text; write it "
            "with setting()",
        ),
        (
            attrs_class("Listed", shifts=field(factory=list)),
            "setting 'shifts' has no default that is a truth value, a number or text; write it "
            "with setting()",
        ),
        (
            attrs_class("Hidden", _shifts=field(default=1)),
            "setting '_shifts' can't be given by its name; write it with setting()",
        ),
        (
            attrs_class("Long", shifts=setting(1, help="x" * 2001)),
            "setting 'shifts': the help has 2,001 characters, more than the 2,000 allowed",
        ),
        (
            attrs_class("Choosy", a=setting("x", choices=("x",) * 101, help="")),
            "setting 'a': choices has 101 entries, more than the 100 allowed",
        ),
        (
            attrs_class("Many", **{f"a{number}": setting(1, help="") for number in range(101)}),
            "settings has 101 entries, more than the 100 allowed",
        ),
        (
            attrs_class("Wrong", shifts=setting(0, low=1, help="")),
            "settings Wrong refuses its defaults: autovoice_core._errors.ArgumentError: shifts: 0 "
            "is not a whole number of 1 or more; 0 is the default",
        ),
    ],
)
def test_a_class_that_declares_no_settings_is_refused(declared: Any, fault: str) -> None:
    with pytest.raises(BadOffer) as caught:
        offer(declared)
    assert str(caught.value) == f"offer 'x': {fault}"
