"""libsndfile as it is installed: its formats, its paths and the words of its errors."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import soundfile

_NO_SUCH_FILE = "File does not exist"


def readable_formats() -> dict[str, str]:
    """Return the formats that the installed libsndfile knows, short name to description."""
    return dict(soundfile.available_formats())


def libsndfile_path(path: Path) -> str | bytes:
    """Return ``path`` for ``soundfile``, which refuses a name that is not UTF-8 unless in bytes."""
    return str(path) if sys.platform == "win32" else os.fsencode(path)


def error_reason(error: BaseException) -> str:
    """Return the reason that libsndfile gives for a failure, to be quoted in a message."""
    if isinstance(error, soundfile.LibsndfileError):
        if _NO_SUCH_FILE in error.error_string:  # said of MPEG audio that it can't read
            return "format not recognised"
        return str(error.error_string).removeprefix("Error : ").strip().rstrip(".").lower()
    if isinstance(error, AssertionError):
        return "not every sample was written"
    return str(error)
