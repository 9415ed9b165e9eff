"""Tokens: made, read from a file, and compared in constant time."""

from __future__ import annotations

from secrets import compare_digest


def is_token(expected: str | None, given: object) -> bool:
    """Return whether ``given`` is the token ``expected``, or none is asked for."""
    if expected is None:
        return True
    # Of bytes, as text that is not ASCII can't be compared.
    return isinstance(given, str) and compare_digest(
        given.encode(errors="replace"), expected.encode()
    )
