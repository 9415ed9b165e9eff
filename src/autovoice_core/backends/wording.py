"""Phrases that several messages share."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from traceback import format_exception, format_exception_only, format_tb

from autovoice_core._printable import kind_name, shortened, text_of

LONGEST_ERROR = 1000
"""Most characters of an exception that are quoted."""
LONGEST_TRACE = 20_000
"""Most characters of a traceback that are kept."""


def describe_error(error: BaseException) -> str:
    """Return type and text of an exception on one line, even where its ``str()`` is broken.

    Of what is very long, the beginning.
    """
    return _described(error, text_of(error))


def _described(error: BaseException, said: str) -> str:
    if len(said) > LONGEST_ERROR:  # it may be gigabytes: format_exception_only() copies it
        return f"{kind_name(error)}: {' '.join(shortened(said, LONGEST_ERROR).split())}"
    try:
        lines = "".join(format_exception_only(error))
    except BaseException:  # noqa: BLE001  # the class of a plugin's own may run its code
        return f"{kind_name(error)}, an exception that can't be described"
    return " ".join(shortened(lines, LONGEST_ERROR).split())


def describe_trace(error: BaseException) -> str:
    """Return the traceback of an exception as lines; of what is very long, the beginning."""
    trace, said = "", text_of(error)
    if len(said) <= LONGEST_TRACE:
        with suppress(BaseException):  # as above
            trace = "".join(format_exception(error))
    if not trace:
        calls = "".join(format_tb(error.__traceback__))
        trace = f"Traceback (most recent call last):\n{calls}{_described(error, said)}\n"
    return trace if len(trace) <= LONGEST_TRACE else f"{shortened(trace, LONGEST_TRACE)}\n"


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """Return ``" (did you mean 'x'?)"`` for the choice that looks like ``name``, else nothing."""
    from difflib import get_close_matches  # only for a mistake

    close = get_close_matches(name, sorted(choices), n=1, cutoff=0.5)
    return f" (did you mean {close[0]!r}?)" if close else ""
