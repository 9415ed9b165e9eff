"""Copies of sound that can be read only once: standard input, FIFOs and devices."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from autovoice_core._errors import InputError
from autovoice_core.audio.formats.kinds import HEAD_BYTES, other_kind
from autovoice_core.audio.special_files import is_special_file

STANDARD_INPUT = Path("/dev/stdin")
"""Name of the program's input, also where the system has no file of that name."""

MAX_SPOOLED_BYTES = 8 << 30
"""Most bytes of a copy: 6.7 h of stereo at 44.1 kHz in 32 bits."""

_CHUNK_BYTES = 1 << 20


def is_read_once(path: Path) -> bool:
    """Return whether ``path`` can be read only once."""
    return path == STANDARD_INPUT or is_special_file(path)


def spool(path: Path, copy: Path, name: str) -> None:
    """Copy what ``path`` yields, up to its end, to the file ``copy``; messages call it ``name``.

    Raises
    ------
    InputError
        It can't be read, is no sound, or passes :data:`MAX_SPOOLED_BYTES`; or there is no space.
    """
    if path == STANDARD_INPUT and os.isatty(0):
        raise InputError(f"{name}: is the terminal; send a sound file to it with < or |")
    try:
        # Opened once: a FIFO's writer is gone after the first reader.
        descriptor = os.dup(0) if path == STANDARD_INPUT else os.open(path, os.O_RDONLY)
        with os.fdopen(descriptor, "rb", buffering=0) as stream:
            write_spool(iter(lambda: stream.read(_CHUNK_BYTES), b""), copy, name)
    except OSError as error:
        raise InputError(f"{name}: can't be read ({error.strerror}); give a sound file") from error


def write_spool(chunks: Iterable[bytes], copy: Path, name: str) -> None:
    """Write ``chunks`` to the file ``copy``; ``name`` is what messages call their origin.

    Raises
    ------
    InputError
        They are no sound, or pass :data:`MAX_SPOOLED_BYTES`; or there is no space.
    """
    head, size = b"", 0
    with copy.open("wb") as file:
        for chunk in chunks:
            if len(head) < HEAD_BYTES:
                head += chunk[: HEAD_BYTES - len(head)]
                kind = other_kind(head) if len(head) == HEAD_BYTES else None
                if kind is not None:
                    raise InputError(f"{name}: yields {kind}, not a sound file; check its source")
            size += len(chunk)
            if size > MAX_SPOOLED_BYTES:
                raise InputError(
                    f"{name}: yields more than {MAX_SPOOLED_BYTES >> 30} GiB; save it to a file, "
                    "and give that"
                )
            try:
                file.write(chunk)
                file.flush()
            except OSError as error:
                raise InputError(
                    f"{copy.parent}: the temporary files can't grow further "
                    f"({error.strerror}); free some space or set TMPDIR to another folder"
                ) from error
