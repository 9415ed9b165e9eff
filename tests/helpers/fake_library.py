"""Shared libraries made up for a test: the least of an ELF file that names symbols."""

from __future__ import annotations

import struct
from pathlib import Path

_HEADER, _SEGMENT, _ENTRY = 64, 56, 16


def write_library(path: Path, *names: str) -> Path:
    """Write a shared library whose table of names, for the dynamic linker, holds ``names``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    strings = b"\0" + b"".join(name.encode() + b"\0" for name in names)
    dynamic = _HEADER + 2 * _SEGMENT
    start = dynamic + 3 * _ENTRY
    size, base = start + len(strings), 0x10000
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    header = struct.pack(
        "<HHIQQQIHHHHHH", 3, 62, 1, 0, _HEADER, 0, 0, _HEADER, _SEGMENT, 2, 0, 0, 0
    )
    load = struct.pack("<IIQQQQQQ", 1, 4, 0, base, base, size, size, 4096)
    pointer = struct.pack("<IIQQQQQQ", 2, 4, dynamic, base + dynamic, 0, 3 * _ENTRY, 3 * _ENTRY, 8)
    entries = struct.pack("<QQQQQQ", 5, base + start, 10, len(strings), 0, 0)
    path.write_bytes(ident + header + load + pointer + entries + strings)
    return path
