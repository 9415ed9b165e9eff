"""Copies of sound that can be read only once: standard input, FIFOs and devices."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from autovoice_core._errors import InputError
from autovoice_core.audio.formats.kinds import HEAD_BYTES, other_kind
from autovoice_core.audio.special_files import is_special_file
from autovoice_core.audio.temporary import temporary_writes

STANDARD_INPUT = Path("/dev/stdin")
"""Name of the program's input, also where the system has no file of that name."""

MAX_SPOOLED_BYTES = 8 << 30
"""Most bytes of a copy: 6.7 h of stereo at 44.1 kHz in 32 bits."""

MAX_WRITER_WAIT = 0.5
"""Seconds that a FIFO is given to be opened by its writer."""

_CHUNK_BYTES = 1 << 20
_POLL_SECONDS = 0.02


def is_read_once(path: Path) -> bool:
    """Return whether ``path`` can be read only once."""
    return path == STANDARD_INPUT or is_special_file(path)


def spool(path: Path, copy: Path, name: str) -> None:
    """Copy what ``path`` yields, up to its end, to the file ``copy``; messages call it ``name``.

    Raises
    ------
    InputError
        It can't be read, is a device, is no sound, or passes :data:`MAX_SPOOLED_BYTES`; nobody
        writes to the FIFO within :data:`MAX_WRITER_WAIT`; or there is no space.
    """
    if path == STANDARD_INPUT and os.isatty(0):
        raise InputError(f"{name}: is the terminal; send a sound file to it with < or |")
    try:
        # Opened once: a FIFO's writer is gone after the first reader.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
        descriptor = os.dup(0) if path == STANDARD_INPUT else os.open(path, flags)
        with os.fdopen(descriptor, "rb", buffering=0) as stream:
            kind = os.fstat(descriptor).st_mode
            if stat.S_ISCHR(kind) or stat.S_ISBLK(kind):
                raise InputError(f"{name}: is a device, not a sound file; record from it first")
            fifo = path != STANDARD_INPUT and stat.S_ISFIFO(kind)
            first = _await_writer(descriptor, name) if fifo else b""
            rest = iter(lambda: stream.read(_CHUNK_BYTES), b"")
            write_spool(chain([first], rest), copy, name)
    except OSError as error:
        raise InputError(f"{name}: can't be read ({error.strerror}); give a sound file") from error


def _await_writer(descriptor: int, name: str) -> bytes:
    """Wait until a program writes to a FIFO that was opened without waiting.

    Returns what was read of it meanwhile.
    """
    from select import POLLIN, poll  # not on Windows, which has no FIFOs

    ready = poll()
    ready.register(descriptor, POLLIN)
    deadline = time.monotonic() + MAX_WRITER_WAIT
    while True:
        try:
            first = os.read(descriptor, _CHUNK_BYTES)
        except BlockingIOError:  # there is a writer, who has written nothing yet
            first = b""
            break
        if first or ready.poll(1000 * _POLL_SECONDS):  # or it has come and gone
            break
        if time.monotonic() > deadline:
            raise InputError(
                f"{name}: no program writes to this FIFO; start the writer first, or give a file"
            )
    os.set_blocking(descriptor, True)
    return first


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
            with temporary_writes(copy.parent):
                file.write(chunk)
                file.flush()
