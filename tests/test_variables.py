"""Environment variables of ours: texts, and switches that are on or off."""

from __future__ import annotations

import pytest

from autovoice_core import InputError
from autovoice_core._variables import variable_switch, variable_text

NAME = "AUTOVOICE_OF_A_TEST"


@pytest.mark.parametrize("value", ["1", "true", "YES", "On", " 1 "])
def test_a_switch_is_on(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(NAME, value)
    assert variable_switch(NAME)


@pytest.mark.parametrize("value", ["0", "false", "No", "OFF", "", " "])
def test_a_switch_is_off(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(NAME, value)
    assert not variable_switch(NAME)


def test_a_variable_that_is_not_set_is_no_text_and_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    assert variable_text(NAME) is None
    assert not variable_switch(NAME)


def test_a_text_is_without_the_space_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, " cpu/nccf\n")
    assert variable_text(NAME) == "cpu/nccf"


@pytest.mark.parametrize(
    ("value", "quoted"), [("maybe", "'maybe'"), ("x" * 99, "an object of type str")]
)
def test_what_is_neither_on_nor_off_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str, quoted: str
) -> None:
    monkeypatch.setenv(NAME, value)
    with pytest.raises(InputError) as caught:
        variable_switch(NAME)
    assert str(caught.value) == (
        f"{NAME}: {quoted} is neither on nor off; give 1, true, yes or on, or 0, false, no or off"
    )
