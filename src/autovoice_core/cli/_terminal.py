"""Standard streams of any encoding, closed or broken ones too, and text that is safe on them."""

from __future__ import annotations

import codecs
import os
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper

_ERRORS = "autovoice-plain"
_PLAIN = {"♯": "#", "♭": "b", "…": "...", "–": "-", "—": "-", "−": "-", "×": "x", "━": "-"}
_BIDIRECTIONAL = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
_CONTROLS = {"Cc", "Cs", "Zl", "Zp"}  # Unicode general categories


def printable(text: object) -> str:
    r"""Return ``text`` with control characters as escapes, e.g. those of a file's name.

    Otherwise they could move the cursor, change colours or the window's title, add lines or turn
    the direction of reading. Bytes of a name that is not UTF-8 are shown as ``\udcXX``.
    """
    return "".join(_escaped(c) if _is_control(c) else c for c in str(text))


@contextmanager
def standard_streams() -> Iterator[None]:
    """Let standard output and error take any text: letters that they lack are replaced."""
    _open_closed_descriptors()
    streams = [each for each in (sys.stdout, sys.stderr) if isinstance(each, TextIOWrapper)]
    before = [stream.errors for stream in streams]
    for stream in streams:
        stream.reconfigure(errors=_ERRORS)
    try:
        yield
    finally:
        for stream, errors in zip(streams, before, strict=True):
            with suppress(OSError, ValueError):  # it may be broken or closed by now
                stream.reconfigure(errors=errors or "strict")


def stream_failure() -> OSError | None:
    """Flush standard output and error; silence those that fail, and return the first failure.

    Otherwise Python would fail once more when it flushes them at its end.
    """
    first = None
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError as error:
            first = first or error
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, stream.fileno())
            os.close(null)
    return first


def _open_closed_descriptors() -> None:
    """Open the null device for closed standard streams.

    Otherwise the next file that is opened would get the number, and all that C code prints.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in _CONTROLS or character in _BIDIRECTIONAL


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    plain = (_PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode() for c in missing)
    return "".join(plain), error.end


codecs.register_error(_ERRORS, _replace)
