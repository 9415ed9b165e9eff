"""FLAC files: those that are joined, and streams whose header states no length (RFC 9639)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from autovoice_core.audio.formats.part import Part, check_joined, cut_off, read_at

MAGIC = b"fLaC"
_STARTS = (MAGIC + b"\x00\x00\x00\x22", MAGIC + b"\x80\x00\x00\x22")
"""The beginning of a file: STREAMINFO, 34 bytes, comes first."""

_SEARCHED_BYTES = 1 << 20
_MAX_FRAME_BYTES = 1 << 18
"""Bytes at the end in which the last frame is looked for."""

_MAX_TRIED = 20
"""Headers at most whose frames are checked; 256 kB hold some that only look like one."""
_MAX_SAMPLES_PER_BYTE = 8
"""Samples that a byte holds, of all but silence; where more are stated, the end is looked at."""

_LENGTH_AT = 21  # STREAMINFO's 36 bits of length, after four bits of other use
_CRC8, _CRC16 = (8, 0x07), (16, 0x8005)


def flac_parts(path: Path, file: BinaryIO, start: int, size: int, name: str) -> tuple[Part, ...]:
    """Return a part for each of the files that are joined from ``start`` on.

    Raises
    ------
    InputError
        A stream without a length ends within a frame.
    """
    starts = [start]
    for begin in _starts(file, _frames_at(file, start), size):
        starts.append(begin)
        check_joined(len(starts), name)
    ends = [*starts[1:], size]
    return tuple(
        Part(path, _pieces(file, *stretch, name)) for stretch in zip(starts, ends, strict=True)
    )


def _starts(file: BinaryIO, position: int, size: int) -> Iterator[int]:
    """Yield where a file begins, from ``position`` on."""
    overlap = len(_STARTS[0]) - 1
    while position < size:
        content = read_at(file, position, _SEARCHED_BYTES + overlap)
        found = [content.find(start) for start in _STARTS]
        if max(found) < 0:
            position += _SEARCHED_BYTES
            continue
        begin = position + min(at for at in found if at >= 0)
        yield begin
        position = _frames_at(file, begin)


def _frames_at(file: BinaryIO, start: int) -> int:
    """Return where the frames begin, after the blocks of metadata."""
    position = start + len(MAGIC)
    while len(header := read_at(file, position, 4)) == 4:
        position += 4 + int.from_bytes(header[1:], "big")
        if header[0] & 0x80:
            break
    return position


def _pieces(file: BinaryIO, start: int, stop: int, name: str) -> tuple[range | bytes, ...]:
    """Return the stretch, with its length in the header."""
    header = read_at(file, start, _LENGTH_AT + 5)
    above, stated = divmod(int.from_bytes(header[_LENGTH_AT:], "big"), 1 << 36)
    plausible = 0 < stated <= _MAX_SAMPLES_PER_BYTE * (stop - start)
    if len(header) < _LENGTH_AT + 5 or plausible:
        return (range(start, stop),)
    frames, end = _stream_end(file, start, stop, name)
    if stated > frames:
        raise cut_off(name, f"{frames} of {stated} samples are there")
    if stated:
        return (range(start, stop),)
    header = header[:_LENGTH_AT] + (above << 36 | frames).to_bytes(5, "big")
    return (header, range(start + len(header), end))


def _stream_end(file: BinaryIO, start: int, stop: int, name: str) -> tuple[int, int]:
    """Return the number of samples up to the last frame, and where it ends."""
    begin = max(_frames_at(file, start), stop - _MAX_FRAME_BYTES)
    content = read_at(file, begin, max(stop - begin, 0))
    if content[-128:-125] == b"TAG":
        content = content[:-128]
    minimum = int.from_bytes(read_at(file, start + 8, 2), "big")
    position, tried = len(content), 0
    while tried < _MAX_TRIED and (position := content.rfind(b"\xff", 0, position)) >= 0:
        frames = _samples_after(content[position : position + 16], minimum)
        if frames and not _crc(content[position:], *_CRC16):
            return frames, begin + len(content)
        tried += bool(frames)
    raise cut_off(name, "its last frame is not whole")


def _samples_after(header: bytes, block: int) -> int:
    """Return the samples up to the end of the frame that begins with ``header``; 0 if none does.

    ``block`` is the length of every frame but the last, where they are equal.
    """
    if len(header) < 6 or header[1] & 0xFE != 0xF8 or not header[2] >> 4 or header[2] & 15 == 15:
        return 0
    leading = 8 - (header[4] ^ 0xFF).bit_length()  # the number is written as in UTF-8
    extra = max(leading - 1, 0)
    number = header[4] & (0x7F if not leading else (1 << (7 - leading)) - 1)
    for byte in header[5 : 5 + extra]:
        number = number << 6 | byte & 0x3F
    end = 5 + extra
    code = header[2] >> 4
    if code in (6, 7):
        count = code - 5
        length = int.from_bytes(header[end : end + count], "big") + 1
        end += count
    else:
        length = 192 if code == 1 else 576 << code - 2 if code < 6 else 256 << code - 8
    end += {12: 1, 13: 2, 14: 2}.get(header[2] & 15, 0)
    if end >= len(header) or _crc(header[: end + 1], *_CRC8):
        return 0
    return (number if header[1] & 1 else number * block) + length


def _crc(content: bytes, bits: int, polynomial: int) -> int:
    """Return the CRC; 0 for content that ends in its own."""
    remainder, top = 0, 1 << bits - 1
    for byte in content:
        remainder ^= byte << bits - 8
        for _ in range(8):
            remainder = remainder << 1 ^ (polynomial if remainder & top else 0)
        remainder &= (1 << bits) - 1
    return remainder
