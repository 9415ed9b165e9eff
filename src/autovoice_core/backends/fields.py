"""Checks of the fields that offers and needs have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from enum import Enum
from typing import Any

from attrs import Attribute

DEVICE = re.compile(r"[a-z][a-z0-9]*")
"""Names that a kind of device may have."""
TARGET = re.compile(r"\w+(\.\w+)*:\w+(\.\w+)*")
"""Names of things in modules, ``"module:name"``."""
DTYPES = ("float32", "float16")
"""The precisions that there are."""


MAX_CHARACTERS = 2000
"""Most characters of a text in a record."""
MAX_NAMES = 100
"""Most entries of a tuple in a record."""


def fault_of_length(fields: Mapping[str, Any]) -> str | None:
    """Return which of the fields of a record is too long, or None; they may hold anything."""
    for name, value in fields.items():
        parts = value if isinstance(value, tuple) else (value,)
        if len(parts) > MAX_NAMES:
            return f"{name} has {len(parts):,} entries, more than the {MAX_NAMES} allowed"
        for part in parts:
            if isinstance(part, str) and len(part) > MAX_CHARACTERS:
                return (
                    f"{name} has {len(part):,} characters, more than the {MAX_CHARACTERS:,} allowed"
                )
    return None


def as_names(value: Any) -> Any:
    """Return a list or other iterable of names as a tuple; leave anything else to the checks."""
    with suppress(TypeError):  # an array of no dimension seems to be iterable
        if isinstance(value, Iterable) and not isinstance(value, str):
            return tuple(map(as_plain, value))
    return value


def as_plain(value: Any) -> Any:
    """Return text and numbers of a class of the plugin's own as Python's; leave all else alone.

    Such a class, say an enumeration of names, may show or compare itself as it likes.
    """
    kind = type(value)
    if issubclass(kind, str):
        return str.__str__(value)
    if issubclass(kind, float):
        return float.__float__(value)
    if issubclass(kind, int) and kind is not bool and not issubclass(kind, Enum):
        return int.__int__(value)
    return value


def plain_fields(kind: type, attributes: list[Attribute[Any]]) -> list[Attribute[Any]]:
    """Let each field of a record that has no converter go through :func:`as_plain`.

    For ``field_transformer`` of attrs.
    """
    return [each if each.converter else each.evolve(converter=as_plain) for each in attributes]


def all_match(value: Any, pattern: re.Pattern[str]) -> bool:
    """Whether ``value`` is a tuple of at least one string, each of which matches."""
    return (
        type(value) is tuple
        and value != ()
        and all(type(item) is str and pattern.fullmatch(item) for item in value)
    )


def is_seconds(value: Any) -> bool:
    """Whether ``value`` is a finite number of seconds that is not negative."""
    kind = type(value)
    return issubclass(kind, int | float) and kind is not bool and 0 <= value < 1e6
