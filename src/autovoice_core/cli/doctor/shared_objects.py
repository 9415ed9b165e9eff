"""Names of symbols in a shared library, read from its table for the dynamic linker alone.

Libraries such as torch's are gigabytes; the table is a small part of each.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

_MAGIC_64_BIT_LITTLE_ENDIAN = b"\x7fELF\x02\x01"
_LOAD, _DYNAMIC = 1, 2
_STRING_TABLE, _STRING_TABLE_SIZE = 5, 10
_MOST_BYTES = 1 << 28


def symbol_names(file: Path) -> bytes:
    """Return the names in a shared library, each ended by a zero byte; empty if it is none.

    They are those of symbols, of their versions and of libraries needed. Read are 64-bit
    little-endian ELF files, which all systems are made of that have a libstdc++ to look at.
    """
    try:
        with file.open("rb") as opened:
            return _string_table(opened)
    except (OSError, struct.error):  # unreadable, or cut short
        return b""


def _string_table(file: BinaryIO) -> bytes:
    header = file.read(64)
    if not header.startswith(_MAGIC_64_BIT_LITTLE_ENDIAN):
        return b""
    (table,) = struct.unpack_from("<Q", header, 32)
    size, count = struct.unpack_from("<HH", header, 54)
    file.seek(table)
    data = file.read(size * count)
    # Of each segment: type, place in the file, address, length in the file.
    fields = [struct.unpack_from("<I4xQQ8xQ", data, size * i) for i in range(count)]
    dynamic = next(((place, n) for kind, place, _, n in fields if kind == _DYNAMIC), None)
    if dynamic is None:
        return b""
    file.seek(dynamic[0])
    entries = dict(struct.iter_unpack("<QQ", file.read(dynamic[1] & ~15)))
    address = entries.get(_STRING_TABLE, 0)
    for kind, place, start, length in fields:
        if kind == _LOAD and start <= address < start + length:
            file.seek(place + address - start)
            return file.read(min(entries.get(_STRING_TABLE_SIZE, 0), _MOST_BYTES))
    return b""
