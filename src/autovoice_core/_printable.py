"""Text of files, voices, servers and plugins, safe to be shown."""

from __future__ import annotations

import re
from html import escape

LONGEST_SHOWN = 2000
"""Most characters of a text of others that a message, a report or a row holds."""

_CONTROL = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
"""Controls, separators of lines, overrides of the direction of reading, and lone surrogates."""
_IN_LINES, _ANYWHERE = re.compile(f"[{_CONTROL}]"), re.compile(f"[{_CONTROL}\t\n]")


def printable(text: object) -> str:
    r"""Return ``text`` with control characters as escapes, e.g. those of a file's name.

    Otherwise they could move the cursor, change colours or the window's title, add lines or turn
    the direction of reading. Bytes of a name that is not UTF-8 are shown as ``\udcXX``.
    """
    return _ANYWHERE.sub(_escaped, str(text))


def printable_lines(text: str) -> str:
    """Return ``text`` as :func:`printable` does, but with its lines and tabs."""
    return _IN_LINES.sub(_escaped, text)


def html_text(text: object) -> str:
    """Return ``text`` for HTML, with control characters and markup shown as they are."""
    return escape(printable(text))


def shortened(text: str, longest: int = LONGEST_SHOWN) -> str:
    """Return ``text``, of which what is beyond ``longest`` characters is counted, not shown."""
    more = len(text) - longest
    return text if more <= 0 else f"{text[:longest]}… ({more:,} more characters)"


def text_of(error: BaseException) -> str:
    """Return the text of an exception, as a plain ``str``; empty if it can't be had."""
    try:
        return str.__str__(str(error))
    except BaseException:  # noqa: BLE001  # a plugin's own code
        return ""


def quoted(value: object) -> str:
    """Return the ``repr()`` of what a plugin made, shortened, even where it is broken or raises."""
    try:
        return shortened(str.__str__(repr(value)))
    except BaseException:  # noqa: BLE001  # its own code, or a number of too many digits
        return f"<{kind_name(value)} that can't be shown>"


def kind_name(value: object) -> str:
    """Return the name of an object's class, past all that the class itself may do about it."""
    return str(vars(type)["__name__"].__get__(type(value)))


def json_safe(text: str) -> str:
    """Return a text of JSON without the control characters that JSON lets through."""
    return _IN_LINES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape", "surrogatepass").decode("ascii")
