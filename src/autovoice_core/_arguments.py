"""Checks of arguments: numbers, paths, texts and functions, taken in any form that is plain.

Each function names the argument in the :class:`~autovoice_core.InputError` that it raises.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from contextlib import suppress
from numbers import Real
from pathlib import Path
from typing import Any, TypeVar

from autovoice_core._errors import ArgumentError, InputError
from autovoice_core._provenance import Provenance

PathLike = str | bytes | os.PathLike[str] | os.PathLike[bytes]
"""A path in any form that Python's own functions take."""

MAX_QUOTED_CHARACTERS = 60
"""Longest value that a message quotes; of others it names the type."""

_QUOTED_TYPES = (type(None), bool, int, float, complex, str, bytes)

T = TypeVar("T")


def describe(value: Any) -> str:
    """Return ``value`` as a message names it: quoted if it is short and plain, else its type."""
    parts = value if type(value) in (tuple, list) else [value]
    if all(type(part) in _QUOTED_TYPES for part in parts):
        with suppress(ValueError):  # an int of more digits than Python writes
            quoted = repr(value)
            if len(quoted) <= MAX_QUOTED_CHARACTERS:
                return quoted
    return f"an object of type {type(value).__name__}"


def plain_number(value: Any) -> Any:
    """Return a number of any library, or one in text, as Python's own; else ``value`` itself.

    Truth values are no numbers; neither are arrays, unless they have no dimension.
    """
    if isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        for parse in (int, float):
            try:
                return parse(value)
            except ValueError:
                continue
        return value
    try:
        if getattr(value, "shape", None) == ():
            return value.item()
        if isinstance(value, Real) or (hasattr(value, "__float__") and not hasattr(value, "shape")):
            number = float(value)
            return int(number) if number.is_integer() and value == int(number) else number
    # Whatever a foreign type raises, it is no number.
    except Exception:  # noqa: BLE001
        return value
    return value


def is_number(value: Any) -> bool:
    """Whether ``value`` is a finite number of Python's own, and no truth value."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an int beyond the range of floats
        return False


def as_number(name: str, value: Any, *, unit: str, example: str) -> float:
    """Return ``value`` as a finite number of ``unit``, e.g. ``"seconds"``.

    Raises
    ------
    InputError
        It is none.
    """
    number = plain_number(value)
    if not is_number(number):
        raise ArgumentError(
            f"{name}: {describe(value)} is not a finite number of {unit}; give for example "
            f"{example}"
        )
    return float(number)


def as_whole_number(name: str, value: Any, *, unit: str, example: str) -> int:
    """Return ``value`` as a whole number of ``unit``, e.g. ``"Hz"``: 44100.0 is 44100.

    Raises
    ------
    InputError
        It is none.
    """
    number = plain_number(value)
    if not is_number(number) or number != int(number):
        raise ArgumentError(
            f"{name}: {describe(value)} is not a whole number of {unit}; give for example {example}"
        )
    return int(number)


def as_flag(name: str, value: Any) -> bool:
    """Return ``value`` if it is true or false, of any library, or 0 or 1.

    Raises
    ------
    InputError
        It is neither.
    """
    flag = plain_number(value)
    if not isinstance(flag, (bool, int)) or flag not in (0, 1):
        raise ArgumentError(
            f"{name}: {describe(value)} is neither True nor False; give one of them"
        )
    return bool(flag)


def as_path(name: str, value: Any) -> Path:
    """Return a path in any form that Python's own functions take.

    Raises
    ------
    InputError
        It is none.
    """
    text = None
    if isinstance(value, (str, bytes, os.PathLike)):
        with suppress(Exception):  # whatever the __fspath__ of a foreign type raises
            text = os.fsdecode(value)
    if not text or "\0" in text:
        raise ArgumentError(f"{name}: {describe(value)} is not a path; give text or a pathlib.Path")
    return Path(text)


def as_progress(value: Any) -> Callable[..., None]:
    """Return the function to call with the progress of long work; one that ignores it for None.

    Raises
    ------
    InputError
        It is neither a function nor None.
    """
    if value is None:
        return _ignore
    if not callable(value):
        raise ArgumentError(
            f"progress: {describe(value)} is not a function; give one that takes the fraction done"
        )
    function: Callable[..., None] = value
    return function


def _ignore(*progress: Any) -> None:
    """Do nothing with the progress."""


def as_text(name: str, value: Any, *, example: str) -> str:
    """Return ``value`` if it is text.

    Raises
    ------
    InputError
        It is not.
    """
    if not isinstance(value, str):
        raise ArgumentError(f"{name}: {describe(value)} is not text; give for example {example!r}")
    return value


def as_instance(name: str, value: Any, kind: type[T], remedy: str) -> T:
    """Return ``value`` if it is of ``kind``; the message ends in ``remedy``.

    Raises
    ------
    InputError
        It is not.
    """
    if not isinstance(value, kind):
        raise ArgumentError(f"{name}: {describe(value)} is not a {kind.__name__}; {remedy}")
    return value


def as_made_by(value: Any) -> tuple[Provenance, ...]:
    """Return a sequence of provenances as a tuple.

    Raises
    ------
    InputError
        It is none.
    """
    if isinstance(value, (tuple, list)) and all(isinstance(item, Provenance) for item in value):
        return tuple(value)
    raise InputError(f"made_by: {describe(value)} is not a tuple of Provenance; omit it")
