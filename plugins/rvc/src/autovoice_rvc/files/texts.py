"""Texts of strangers' files, bounded and safe to be shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autovoice_core._printable import printable, printable_lines, shortened

MAX_VALUE = 200
"""Most characters of a value that are shown."""
MAX_TEXT = 1500
"""Most characters that are kept of a text such as a licence, so that its row shows them all."""
MAX_NAMES = 5
"""Most names that a message lists."""
MAX_ITEMS = 16
"""Most values of a list that are shown."""


def shown(value: Any, depth: int = 2) -> str:
    """Return a value of a file in one line.

    Containers in containers are named only, as are large ones: their text can be endless, as what
    is in them can be there many times. So are numbers of many digits.
    """
    if isinstance(value, str):
        return f'"{one_line(value)}"'
    if isinstance(value, list | tuple) and len(value) <= MAX_ITEMS and depth:
        inner = ", ".join(shown(each, depth - 1) for each in value)
        return f"[{shortened(inner, MAX_VALUE)}]"
    small = isinstance(value, int) and abs(value) < 10**18
    if value is None or small or isinstance(value, float):
        return repr(value)
    return "a number of many digits" if isinstance(value, int) else f"a {type(value).__name__}"


def one_line(text: str, longest: int = MAX_VALUE) -> str:
    """Return a text in one line without control characters, cut after ``longest``."""
    return printable(shortened(" ".join(text[: 4 * longest].split()), longest))


def lines(text: str) -> tuple[str, bool]:
    """Return a text of several lines without control characters, and whether it is cut."""
    text = text.replace("\r\n", "\n").strip()
    is_cut = len(text) > MAX_TEXT
    return printable_lines(f"{text[:MAX_TEXT]}…" if is_cut else text), is_cut


def listed(names: Iterable[str]) -> str:
    """Return the first of some names, and how many more there are."""
    found = sorted(names)
    more = len(found) - MAX_NAMES
    first = ", ".join(one_line(name, 100) for name in found[:MAX_NAMES])
    return first if more <= 0 else f"{first} and {more:,} more"
