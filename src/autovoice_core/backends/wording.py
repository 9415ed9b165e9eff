"""Phrases that several messages share."""

from __future__ import annotations

from collections.abc import Iterable
from traceback import format_exception, format_exception_only

from autovoice_core._printable import shortened

LONGEST_ERROR = 1000
"""Most characters of an exception that are quoted."""
LONGEST_TRACE = 20_000
"""Most characters of a traceback that are kept."""


def describe_error(error: BaseException) -> str:
    """Return type and text of an exception on one line, even where its ``str()`` is broken.

    Of what is very long, the beginning.
    """
    return " ".join(shortened("".join(format_exception_only(error)), LONGEST_ERROR).split())


def describe_trace(error: BaseException) -> str:
    """Return the traceback of an exception as lines; of what is very long, the beginning."""
    trace = "".join(format_exception(error))
    return trace if len(trace) <= LONGEST_TRACE else f"{shortened(trace, LONGEST_TRACE)}\n"


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` for the choice that looks like ``name``, else nothing."""
    from difflib import get_close_matches  # only for a mistake

    close = get_close_matches(name, sorted(choices), n=1, cutoff=0.5)
    return f" (did you mean {close[0]!r}?)" if close else ""
