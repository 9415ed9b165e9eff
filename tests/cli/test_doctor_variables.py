"""Variables that are set to nonsense, and what plugins print, as doctor handles them."""

from __future__ import annotations

import os

import pytest

from autovoice_core.cli.doctor.apart import output_apart
from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.cli.doctor.variables import check_variables

VARIABLES = (
    *("AUTOVOICE_THREADS", "AUTOVOICE_MEMORY_LIMIT", "AUTOVOICE_SETTINGS"),
    *("AUTOVOICE_STRICT", "AUTOVOICE_OFFLINE"),
)


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        (
            "AUTOVOICE_THREADS",
            "many",
            "AUTOVOICE_THREADS: 'many' is not a number of threads; give 1 or more",
        ),
        (
            "AUTOVOICE_MEMORY_LIMIT",
            "4",
            "AUTOVOICE_MEMORY_LIMIT: '4' has no unit; give for example '2 GB' or '512 MiB'",
        ),
        (
            "AUTOVOICE_SETTINGS",
            "pitch",
            "settings: 'pitch', given by the environment variable AUTOVOICE_SETTINGS, is not "
            "OPERATION.NAME=VALUE with OPERATION one of separation, pitch, conversion, speech; "
            "write separation.overlap=0.5 for example",
        ),
        (
            "AUTOVOICE_STRICT",
            "maybe",
            "AUTOVOICE_STRICT: 'maybe' is neither on nor off; give 1, true, yes or on, or 0, "
            "false, no or off",
        ),
        (
            "AUTOVOICE_OFFLINE",
            "2",
            "AUTOVOICE_OFFLINE: '2' is neither on nor off; give 1, true, yes or on, or 0, false, "
            "no or off",
        ),
    ],
)
def test_one_that_is_refused_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, text: str
) -> None:
    monkeypatch.setenv(name, value)
    assert list(check_variables()) == [Finding("variable", "problem", text, f"unset {name}")]


def test_those_that_can_be_used_are_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in zip(VARIABLES, ("2", "4 GB", "pitch.hz=100", "1", "off"), strict=True):
        monkeypatch.setenv(name, value)
    assert list(check_variables()) == []


def test_what_is_written_meanwhile_goes_to_standard_error(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with output_apart():
        os.write(1, b"of a plugin\n")
    os.write(1, b"the result\n")
    assert capfd.readouterr() == ("the result\n", "of a plugin\n")
