"""Checks of the fields that offers and needs have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

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
            return tuple(value)
    return value


def all_match(value: Any, pattern: re.Pattern[str]) -> bool:
    """Whether ``value`` is a tuple of at least one string, each of which matches."""
    return (
        isinstance(value, tuple)
        and value != ()
        and all(isinstance(item, str) and pattern.fullmatch(item) for item in value)
    )


def is_seconds(value: Any) -> bool:
    """Whether ``value`` is a finite number of seconds that is not negative."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e6
