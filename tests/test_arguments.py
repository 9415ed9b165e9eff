from __future__ import annotations

import decimal
import fractions
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core import InputError
from autovoice_core._arguments import (
    as_flag,
    as_number,
    as_path,
    as_progress,
    as_whole_number,
    describe,
    plain_number,
)


class Named(os.PathLike[str]):
    def __fspath__(self) -> str:
        return "a/song.flac"


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (12, 12),
        ("12", 12),
        (" -1.5 ", -1.5),
        (np.int16(3), 3),
        (np.float32(0.5), 0.5),
        (np.array(2.0), 2.0),
        (decimal.Decimal("0.25"), 0.25),
        (fractions.Fraction(1, 4), 0.25),
    ],
)
def test_a_number_of_any_type_is_pythons_own(value: Any, number: float) -> None:
    found = plain_number(value)
    assert (found, type(found)) == (number, type(number))


@pytest.mark.parametrize("value", [None, "high", [1], np.zeros(1), 1j, b"12", True])
def test_what_is_no_number_stays_what_it_is(value: Any) -> None:
    assert plain_number(value) is value


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (True, "True"),
        ("nan", "'nan'"),
        ([1, 2], "[1, 2]"),
        (10**400, "an object of type int"),
        ("x" * 100, "an object of type str"),
        (np.zeros(3), "an object of type ndarray"),
    ],
)
def test_what_is_no_finite_number_is_refused(value: Any, named: str) -> None:
    with pytest.raises(InputError) as caught:
        as_number("hop", value, unit="seconds", example="0.01")
    assert str(caught.value) == (
        f"hop: {named} is not a finite number of seconds; give for example 0.01"
    )


@given(st.integers(-(10**9), 10**9))
def test_a_whole_float_is_a_whole_number(number: int) -> None:
    assert as_whole_number("rate", float(number), unit="Hz", example="44100") == number
    with pytest.raises(InputError):
        as_whole_number("rate", number + 0.5, unit="Hz", example="44100")


@pytest.mark.parametrize(
    "path", ["a/song.flac", b"a/song.flac", Path("a/song.flac"), Named(), np.str_("a/song.flac")]
)
def test_a_path_of_any_type_is_a_path(path: Any) -> None:
    assert as_path("out", path) == Path("a/song.flac")


@pytest.mark.parametrize(("path", "named"), [("", "''"), ("a\0b", r"'a\x00b'"), (3, "3")])
def test_what_is_no_path_is_refused(path: Any, named: str) -> None:
    with pytest.raises(InputError) as caught:
        as_path("out", path)
    assert str(caught.value) == (f"out: {named} is not a path; give text or a pathlib.Path")


def test_a_flag_is_true_or_false_of_any_library() -> None:
    assert [as_flag("songs", value) for value in (True, np.bool_(False), 1, 0)] == [
        *(True, False, True, False)
    ]
    with pytest.raises(InputError) as caught:
        as_flag("songs", "yes")
    assert str(caught.value) == "songs: 'yes' is neither True nor False; give one of them"


def test_progress_is_a_function_or_nothing() -> None:
    told: list[float] = []
    as_progress(told.append)(0.5)
    as_progress(None)("separation", 0.5)
    assert told == [0.5]
    with pytest.raises(InputError) as caught:
        as_progress("tqdm")
    assert str(caught.value) == (
        "progress: 'tqdm' is not a function; give one that takes the fraction done"
    )


@given(st.one_of(st.integers(), st.floats(), st.text(), st.binary(), st.lists(st.text())))
def test_a_description_fits_into_a_sentence(value: Any) -> None:
    assert "\n" not in describe(value)
    assert 0 < len(describe(value)) <= 60
