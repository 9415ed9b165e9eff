"""Outputs that are written to where they lie: FIFOs, devices and this process's standard output."""

from __future__ import annotations

import errno
import os
import re
import sys
import time
from pathlib import Path
from typing import BinaryIO

from autovoice_core._errors import InputError
from autovoice_core.audio.special_files import is_special_file

STANDARD_OUTPUT = Path("/dev/stdout")
"""Name of this process's standard output, also where there is no file of that name."""

MAX_READER_WAIT = 5.0
"""Seconds that a FIFO is given to be opened by its reader."""


def is_output_stream(path: str | Path) -> bool:
    """Return whether ``path`` is written to where it lies: it is neither a file nor a folder."""
    return _descriptor(path) is not None or is_special_file(path)


def is_standard_output(path: str | Path) -> bool:
    """Return whether ``path`` is this process's standard output."""
    return _descriptor(path) == 1


def open_output_stream(path: Path) -> BinaryIO:
    """Return ``path`` opened for writing, after what was printed so far.

    Raises
    ------
    InputError
        It can't be written, or nobody reads the FIFO within :data:`MAX_READER_WAIT`.
    """
    descriptor = _descriptor(path)
    try:
        if descriptor is None:
            return os.fdopen(_open(path), "wb")
        if descriptor == 1 and sys.stdout is not None:
            sys.stdout.flush()
        return os.fdopen(os.dup(descriptor), "wb")
    except OSError as error:
        raise InputError(
            f"{path}: can't be written ({error.strerror}); choose another place"
        ) from error


def _open(path: Path) -> int:
    """Return the descriptor of a device, or of a FIFO once it has a reader."""
    deadline = time.monotonic() + MAX_READER_WAIT
    while True:
        try:
            descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if time.monotonic() > deadline:
                raise InputError(
                    f"{path}: no program reads from this FIFO; start the reader first"
                ) from error
            time.sleep(0.02)
        else:
            os.set_blocking(descriptor, True)
            return descriptor


def _descriptor(path: str | Path) -> int | None:
    """Return which open file of this process ``path`` stands for, if any."""
    names = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}
    found = re.fullmatch(r"/(?:dev|proc/self)/fd/(\d+)", str(path))
    return int(found[1]) if found else names.get(str(path))
