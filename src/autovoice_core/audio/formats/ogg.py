"""Ogg files: pages, of one stream or of several that are chained (RFC 3533)."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import BinaryIO

from autovoice_core.audio.formats.part import Part, check_joined, cut_off, damaged, read_at

MAGIC = b"OggS"
_HEADER_BYTES = 27
_MAX_TABLE_BYTES = 255
_FIRST, _LAST = 2, 4  # flags of the first and of the last page of a stream
_SEARCHED_BYTES = 1 << 20
_CHECKSUM = slice(22, 26)
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Each byte with its bits in the opposite order."""


def ogg_parts(path: Path, file: BinaryIO, size: int, name: str) -> tuple[Part, ...]:
    """Return a part for each link of a chain.

    Raises
    ------
    InputError
        A stream lacks its last page, or one within.
    """
    starts = [0]
    sequence: dict[bytes, int] = {}  # the number of the last page, of streams that go on
    in_header = True
    position = 0
    while position < size:
        header = read_at(file, position, _HEADER_BYTES + _MAX_TABLE_BYTES)
        table = header[_HEADER_BYTES : _HEADER_BYTES + header[26]] if len(header) > 26 else b""
        length = _HEADER_BYTES + len(table) + sum(table)
        if not header.startswith(MAGIC) or position + length > size:
            break
        page = read_at(file, position, length)
        if _checksum(page) != int.from_bytes(page[_CHECKSUM], "little"):
            raise damaged(name, "the checksum of a piece is wrong")
        flags, serial = header[5], header[14:18]
        number = int.from_bytes(header[18:22], "little")
        if flags & _FIRST:
            if not in_header:
                _require_end(sequence, name)
                starts.append(position)
                check_joined(len(starts), name)
            in_header = True
        else:
            in_header = False
            if serial not in sequence or number != sequence[serial] + 1:
                raise damaged(name, "a piece of it is missing")
        sequence[serial] = number
        if flags & _LAST:
            del sequence[serial]
        position += length
    _require_end(sequence, name)
    if position < size and _has_page(file, position + 1, size):
        raise damaged(name, "a piece of it is missing")
    if position < size and read_at(file, position, len(MAGIC)) == MAGIC[: size - position]:
        raise cut_off(name, "its last page is not whole")
    ends = [*starts[1:], position]
    return tuple(Part(path, (range(*link),)) for link in zip(starts, ends, strict=True))


def _checksum(page: bytes) -> int:
    """Return the CRC of a page, which is zlib's with the bits in the opposite order."""
    blank = page[: _CHECKSUM.start] + bytes(4) + page[_CHECKSUM.stop :]
    remainder = zlib.crc32(blank.translate(_REVERSED), 0xFFFF_FFFF) ^ 0xFFFF_FFFF
    return int(f"{remainder:032b}"[::-1], 2)


def _require_end(sequence: dict[bytes, int], name: str) -> None:
    if sequence:
        raise cut_off(name, "the last page of its stream is missing")


def _has_page(file: BinaryIO, position: int, size: int) -> bool:
    """Return whether a page begins at or after ``position``."""
    while position < size:
        if MAGIC in read_at(file, position, _SEARCHED_BYTES + len(MAGIC)):
            return True
        position += _SEARCHED_BYTES
    return False
