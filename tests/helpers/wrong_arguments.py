"""Wrong values for the arguments of functions, and the check of what is refused."""

from __future__ import annotations

import datetime
import decimal
import fractions
import inspect
import io
import os
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from autovoice_core import Audio, AutoVoiceError, Need, PitchTrack, Style

RATE = 8000
SUNG = Audio(0.3 * np.sin(2 * np.pi * 220 / RATE * np.arange(RATE // 2)), RATE)
TRACK = PitchTrack(np.full(51, 220.0), np.ones(51, bool), np.ones(51), 0.01)


class Hostile:
    """An object whose every conversion raises."""

    def _refuse(self, *_: object, **__: object) -> Any:
        raise RuntimeError("no conversion")

    __float__ = __int__ = __index__ = __fspath__ = __array__ = __dlpack__ = _refuse
    read = _refuse


VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=8),
    st.binary(max_size=8),
    st.lists(st.one_of(st.integers(), st.floats(), st.text(max_size=3)), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.sampled_from(
        [
            object(),
            Hostile(),
            10**400,
            "\0",
            "1e400",
            set(),
            io.StringIO("text"),
            io.BytesIO(b"no sound"),
            datetime.date(2020, 1, 1),
            decimal.Decimal("NaN"),
            fractions.Fraction(1, 3),
            np.float32(0.5),
            np.int64(-1),
            np.str_("x"),
            np.array(1.0),
            np.zeros(3),
            np.zeros((2, 3, 4)),
            np.array([object()]),
            np.array(["a"]),
            SUNG,
            TRACK,
            Style(),
            Need(),
        ]
    ),
)


def few_examples(count: int) -> settings:
    """Return settings for ``count`` examples in one folder, however long they take."""
    return settings(
        max_examples=count,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


def cases(
    function: Callable[..., Any], valid: Mapping[str, Any], *more: str, omit: tuple[str, ...] = ()
) -> list[Any]:
    """Return a case for each argument of ``function``, of which ``valid`` are right values."""
    named = [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is not parameter.VAR_KEYWORD and name not in omit
    ]
    return [
        pytest.param(function, valid, name, id=f"{function.__qualname__}-{name}")
        for name in (*named, *more)
    ]


def check(function: Callable[..., Any], arguments: Mapping[str, Any], name: str) -> None:
    """Call ``function``: whatever it refuses, it names the argument or the file."""
    value = arguments[name]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            function(**arguments)
    except AutoVoiceError as error:
        refusal = str(error)
    else:
        return  # the value has a plain meaning
    # A path is named instead of its argument, and of a longer name the last word is enough.
    names = [each.rpartition("_")[2] for each in arguments]
    paths = [each for each in arguments.values() if isinstance(each, str)]
    is_path = isinstance(value, (str, bytes, os.PathLike, list, dict, np.ndarray))
    assert is_path or any(each in refusal for each in (*names, *paths)), refusal
    assert is_path or "\n" not in refusal
