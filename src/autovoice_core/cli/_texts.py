"""Texts that are given as an argument: as they are, in a file, or on standard input."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from autovoice_core._errors import InputError
from autovoice_core._regular_files import open_regular
from autovoice_core.speech.reading import SCORE_SUFFIXES

MAX_TEXT_BYTES = 4_000_000
"""Largest text that is read."""
TEXT_SUFFIXES = (".txt", ".md")
"""Suffixes of files of text: an argument that ends so is never taken for the text itself."""


def read_text(argument: str) -> str:
    """Return the text that an argument is, or that of the file that it names; ``-``: of stdin.

    Raises
    ------
    InputError
        The file can't be read, is too long, or is not UTF-8.
    """
    if argument == "-":
        return _decoded(sys.stdin.buffer.read(MAX_TEXT_BYTES + 1), "standard input")
    path, is_file, is_folder = Path(argument), False, False
    with suppress(OSError, ValueError):  # a long text is no name of a file
        is_file, is_folder = path.is_file(), path.is_dir()
    # A word that happens to be the name of a folder is a word.
    if is_folder and (argument in (".", "..") or len(path.parts) > 1):
        raise InputError(f"{argument}: is a folder; give text or the name of a file")
    named = argument.lower().endswith(TEXT_SUFFIXES) and len(argument.split()) == 1
    if not is_file and not named:
        return argument
    try:
        with open_regular(path) as file:
            return _decoded(file.read(MAX_TEXT_BYTES + 1), argument)
    except OSError as error:
        raise InputError(f"{path}: can't be read ({error.strerror}); check the path") from error


def read_lyrics(argument: str) -> str | Path:
    """Return the text that an argument is, as :func:`read_text`, or the score that it names.

    Raises
    ------
    InputError
        As from :func:`read_text`.
    """
    if argument.lower().endswith(SCORE_SUFFIXES) and "\n" not in argument:
        return Path(argument)
    return read_text(argument)


def _decoded(data: bytes, name: str) -> str:
    if len(data) > MAX_TEXT_BYTES:
        raise InputError(f"{name}: is longer than {MAX_TEXT_BYTES} bytes; give it in parts")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: is not text in UTF-8; save it as that") from error
