"""Phrases that several messages share."""

from __future__ import annotations

from collections.abc import Iterable
from traceback import format_exception_only


def describe_error(error: BaseException) -> str:
    """Return type and text of an exception on one line, even where its ``str()`` is broken."""
    return " ".join("".join(format_exception_only(error)).split())


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` for the choice that looks like ``name``, else nothing."""
    from difflib import get_close_matches  # only for a mistake

    close = get_close_matches(name, sorted(choices), n=1, cutoff=0.5)
    return f" (did you mean {close[0]!r}?)" if close else ""
