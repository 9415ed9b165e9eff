"""WAV, RF64, W64, AIFF, CAF and AU files: whole ones, streams, joined ones and those cut off."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Literal

from attrs import frozen

from autovoice_core.audio.formats.chunks import LAYOUTS, Chunk, Layout, chunks, is_placeholder
from autovoice_core.audio.formats.mp3 import mp3_parts
from autovoice_core.audio.formats.part import (
    Part,
    check_joined,
    cut_off,
    damaged,
    read_at,
    share_there,
)

AU_ORDERS: dict[bytes, Literal["little", "big"]] = {b".snd": "big", b"dns.": "little"}
"""Byte orders of AU files by their first four bytes."""

_MAX_KEPT_BYTES = 1 << 20
"""Largest chunk that the header of a stream keeps."""

_MAX_HEADER_BYTES = 1 << 24
"""Most bytes of chunks that the header of a stream keeps; it is held in memory."""

_MAX_CHUNKS = 1000
"""Most chunks before the sound, of which any writer makes a dozen; libsndfile compares them all."""

_MPEG_TAGS = (0x50, 0x55)
_BLOCK_TAGS = (0x02, 0x11, 0x31)  # MS ADPCM, IMA ADPCM, GSM 6.10
_PACKED = (b"ima4", b"GSM ", b"MAC3", b"MAC6", b"QDM2", b"Qclp")
"""Compressions of AIFF whose length is stated in packets."""


@frozen
class _Container:
    """A container: where it begins, its chunks up to the sound, and where the sound lies."""

    layout: Layout
    magic: bytes
    start: int
    chunks: dict[bytes, Chunk]
    sound: Chunk

    @property
    def at(self) -> int:
        """Where the sound begins."""
        return self.sound.at + self.layout.before


def container_parts(path: Path, file: BinaryIO, size: int, name: str) -> tuple[Part, ...]:
    """Return a part for each of the files that are joined.

    Raises
    ------
    InputError
        Sound that a header states is not there.
    """
    parts: list[Part] = []
    start = 0
    while start < size and (container := _container(file, start, size, name)) is not None:
        stated = _stated_bytes(file, container, size)
        if stated is None:
            return (*parts, *_stream_parts(path, file, container, size, name))
        if container.at + stated > size:
            there = (size - container.at) / stated
            raise cut_off(name, share_there(Part(path, (range(start, size),)), there))
        end = _end(file, container, stated, size)
        if _wav_tag(file, container) in _MPEG_TAGS:
            stop = container.at + stated
            parts += mp3_parts(path, file, container.at, stop, name)
        else:
            frames = _frames(file, container, stated)
            parts.append(Part(path, (range(start, end),), frames))
        check_joined(len(parts), name)
        start = end
    return tuple(parts) or (Part(path, (range(size),)),)


def au_parts(path: Path, file: BinaryIO, size: int, name: str) -> tuple[Part, ...]:
    """Return a part for each of the AU files that are joined.

    Raises
    ------
    InputError
        Sound that a header states is not there.
    """
    parts: list[Part] = []
    start = 0
    while start < size and (header := read_at(file, start, 12))[:4] in AU_ORDERS:
        order = AU_ORDERS[header[:4]]
        offset, stated = (int.from_bytes(header[i : i + 4], order) for i in (4, 8))
        end = start + offset + stated
        if is_placeholder(stated):
            end = size
        elif end > size:
            there = max(size - start - offset, 0) / max(stated, 1)
            raise cut_off(name, share_there(Part(path, (range(start, size),)), there))
        parts.append(Part(path, (range(start, end),)))
        check_joined(len(parts), name)
        start = end
    return tuple(parts)


def _container(file: BinaryIO, start: int, size: int, name: str) -> _Container | None:
    """Return the container at ``start``; None if there is none with sound.

    Raises
    ------
    InputError
        It has more than :data:`_MAX_CHUNKS` before its sound.
    """
    magic = read_at(file, start, 4)
    if magic not in LAYOUTS:
        return None
    layout = LAYOUTS[magic]
    found: dict[bytes, Chunk] = {}
    for count, chunk in enumerate(chunks(file, layout, start, size), start=1):
        if count > _MAX_CHUNKS:
            raise damaged(name, f"more than {_MAX_CHUNKS} chunks are before its sound")
        found.setdefault(chunk.name, chunk)
        if chunk.name in (layout.sound, b"BODY"):
            return _Container(layout, magic, start, found, chunk)
    return None


def _stated_bytes(file: BinaryIO, container: _Container, size: int) -> int | None:
    """Return how many bytes of sound there should be; None for a stream of unknown length."""
    stated = container.sound.size
    if container.magic == b"RF64" and stated == 0xFFFF_FFFF and b"ds64" in container.chunks:
        at = container.chunks[b"ds64"].at
        stated = int.from_bytes(read_at(file, at + 8, 8), "little")
        return None if is_placeholder(stated) or not stated else stated
    if is_placeholder(stated):
        return None
    # Some writers count the header, in files that are whole by what is stated of the container.
    if stated in (size, size - 8) and _container_end(file, container) == size:
        return None
    # An empty file has other chunks behind, or nothing; a stream's header ends before its sound.
    if stated <= container.layout.before and _container_end(file, container) <= container.at < size:
        return None
    return max(stated - container.layout.before, 0)


def _container_end(file: BinaryIO, container: _Container) -> int:
    """Return where the container ends by its header; its start where that is not stated."""
    layout = container.layout
    if container.magic == b"caff":
        return container.start
    at = container.start + layout.name_bytes
    stated = int.from_bytes(read_at(file, at, layout.size_bytes), layout.order)
    if is_placeholder(stated):
        return container.start
    return container.start + stated + (0 if layout.counts_itself else 8)


def _end(file: BinaryIO, container: _Container, stated: int, size: int) -> int:
    """Return where a file that is joined begins, or else the end of all."""
    sound_end = container.at + stated
    padded = sound_end + -(sound_end - container.start) % container.layout.grid
    for end in (_container_end(file, container), padded, sound_end):
        if sound_end <= end < size and read_at(file, end, 4) == container.magic:
            return end
    return size


def _stream_parts(
    path: Path, file: BinaryIO, container: _Container, size: int, name: str
) -> tuple[Part, ...]:
    """Return the sound of a stream up to the end of the file, with a header that says so."""
    if _wav_tag(file, container) in _MPEG_TAGS:
        return mp3_parts(path, file, container.at, size, name)
    if container.magic in (b"RIFF", b"RF64"):
        header = _rf64_header(file, container, size)
        return (Part(path, (header, range(container.at, size))),)
    layout, sound = container.layout, container.sound
    if layout.size_bytes == 8:
        header_bytes = layout.name_bytes + 8 if layout.counts_itself else 0
        stated = (size - sound.at + header_bytes).to_bytes(8, layout.order)
        before = range(container.start, sound.at - len(stated))
        return (Part(path, (before, stated, range(sound.at, size))),)
    return (Part(path, (range(container.start, size),)),)


def _rf64_header(file: BinaryIO, container: _Container, size: int) -> bytes:
    """Return the header with the size of the sound, which may pass 4 GiB."""
    kept, left = [], _MAX_HEADER_BYTES
    for chunk in container.chunks.values():
        is_kept = chunk.name not in (b"ds64", b"data") and chunk.size <= _MAX_KEPT_BYTES
        if is_kept and chunk.size <= left:
            kept.append(chunk)
            left -= chunk.size
    blocks = [
        chunk.name + chunk.size.to_bytes(4, "little") + read_at(file, chunk.at, chunk.size)
        for chunk in kept
    ]
    others = b"".join(block + b"\0" * (len(block) % 2) for block in blocks)
    sound = size - container.at
    sizes = (sound + len(others) + 48, sound, 0)
    ds64 = b"".join(value.to_bytes(8, "little") for value in sizes) + bytes(4)
    unknown = b"\xff" * 4
    return (
        b"RF64"
        + unknown
        + b"WAVEds64"
        + len(ds64).to_bytes(4, "little")
        + ds64
        + others
        + b"data"
        + unknown
    )


def _wav_tag(file: BinaryIO, container: _Container) -> int | None:
    """Return the number of the coding of a WAV file; None for another container."""
    if container.magic not in (b"RIFF", b"RF64") or b"fmt " not in container.chunks:
        return None
    return int.from_bytes(read_at(file, container.chunks[b"fmt "].at, 2), "little")


def _frames(file: BinaryIO, container: _Container, stated: int) -> int | None:
    """Return the length where the last block of the sound is padded."""
    found = container.chunks
    if container.magic == b"FORM" and b"COMM" in found:
        comm = read_at(file, found[b"COMM"].at, min(found[b"COMM"].size, 22))
        packed = comm[18:22] in _PACKED
        return None if packed else int.from_bytes(comm[2:6], "big") or None
    if _wav_tag(file, container) in _BLOCK_TAGS and b"fact" in found:
        fmt = read_at(file, found[b"fmt "].at, 20)
        frames = int.from_bytes(read_at(file, found[b"fact"].at, 4), "little")
        block, samples = (int.from_bytes(fmt[at : at + 2], "little") for at in (12, 18))
        padded = -(-stated // max(block, 1)) * samples
        return frames if padded - samples < frames <= padded else None
    return None
