"""Standard streams of any encoding, closed or broken ones too, and text that is safe on them."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import Any, TextIO, cast

from autovoice_core._printable import printable_lines

_ERRORS = "autovoice-plain"
_PLAIN = {"♯": "#", "♭": "b", "…": "...", "–": "-", "—": "-", "−": "-", "×": "x", "━": "-"}


class _EscapingStream:
    """A text stream on which control characters are escapes, whoever writes them.

    Text of files, voices, servers and plugins reaches it by many ways; none of them can be missed.
    ``unescaped`` is the stream itself.
    """

    def __init__(self, stream: TextIO) -> None:
        self.unescaped = stream

    def write(self, text: str) -> int:
        self.unescaped.write(printable_lines(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unescaped, name)


@contextmanager
def standard_streams() -> Iterator[None]:
    """Let standard output and error take any text: control characters are shown as escapes.

    Letters that their encoding lacks are replaced.
    """
    _open_closed_descriptors()
    streams = [each for each in (sys.stdout, sys.stderr) if isinstance(each, TextIOWrapper)]
    before = [stream.errors for stream in streams]
    for stream in streams:
        stream.reconfigure(errors=_ERRORS)
    output, errors_output = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _escaping(output), _escaping(errors_output)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = output, errors_output
        with suppress(OSError, ValueError):
            stream_failure()  # again, as click may have hidden one behind a stream of its own
        for stream, errors in zip(streams, before, strict=True):
            with suppress(OSError, ValueError):  # it may be broken or closed by now
                stream.reconfigure(errors=errors or "strict")


def _escaping(stream: TextIO) -> TextIO:
    # None where the program has no terminal, as pythonw.
    return stream if stream is None else cast("TextIO", _EscapingStream(stream))


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


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    plain = (_PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode() for c in missing)
    return "".join(plain), error.end


codecs.register_error(_ERRORS, _replace)
