"""Versions of packages and the bounds on them, compared by their release numbers alone."""

from __future__ import annotations

import re

_BOUND = re.compile(r"(>=|<=|==|!=|~=|<|>)\s*(\d+(?:\.\d+)*)(\.\*)?")
_RELEASE = re.compile(r"v?(\d+(?:\.\d+)*)")


def is_within(version: str, bounds: str) -> bool:
    """Return whether a version satisfies all ``bounds``, e.g. ``">=2.0,<3"``."""
    return all(
        _satisfies(version, sign, bound, wild) for sign, bound, wild in _BOUND.findall(bounds)
    )


def release(version: str) -> tuple[int, ...]:
    """Return the leading numbers of a version, without zeros at the end: 2.0.0rc1 is (2,)."""
    numbers = _numbers(version)
    while numbers and numbers[-1] == 0:
        numbers = numbers[:-1]
    return numbers


def local_label(version: str) -> str:
    """Return what follows the plus of a version, such as ``"cu124"``; empty if nothing does."""
    return version.partition("+")[2]


def _satisfies(version: str, sign: str, bound: str, wild: str) -> bool:
    found, limit = release(version), release(bound)
    match sign:
        case "==":
            return _begins(version, _numbers(bound)) if wild else found == limit
        case "!=":
            return not (_begins(version, _numbers(bound)) if wild else found == limit)
        case "~=":
            return found >= limit and _begins(version, _numbers(bound)[:-1])
        case ">=":
            return found >= limit
        case "<=":
            return found <= limit
        case ">":
            return found > limit
        case _:
            return found < limit


def _begins(version: str, start: tuple[int, ...]) -> bool:
    numbers = _numbers(version)
    return (*numbers, *[0] * len(start))[: len(start)] == start


def _numbers(version: str) -> tuple[int, ...]:
    found = _RELEASE.match(version)
    return tuple(map(int, found[1].split("."))) if found else ()
