"""The chunks of WAV, RF64, W64, AIFF, 8SVX and CAF files, and the header of AU files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Literal

from attrs import frozen

from autovoice_core.audio.formats.part import read_at

_W64_TAIL = bytes.fromhex("f3acd3118cd100c04f8edb8a")
"""The end of the names of W64's chunks, which are GUIDs."""

_PLACEHOLDERS = (
    range(0x7FFF_F000, 0x8000_0001),
    range(0xFFFF_F000, 0x1_0000_0000),
    range(0x7FFF_FFFF_FFFF_0000, 0x1_0000_0000_0000_0000),
)
"""Sizes that streams state, whose writer could not know them: near the greatest possible."""


@frozen
class Chunk:
    """A chunk: its name, where its content begins, and how many bytes it states."""

    name: bytes
    at: int
    size: int


def is_placeholder(size: int) -> bool:
    """Return whether ``size`` stands for one that the writer of a stream could not know."""
    return any(size in sizes for sizes in _PLACEHOLDERS)


@frozen
class Layout:
    """The layout of a container's chunks.

    Attributes
    ----------
    first
        Where the first chunk begins.
    name_bytes, size_bytes
        Lengths of a chunk's name and of its size.
    order
        Byte order of the sizes.
    grid
        Chunks begin at a multiple of this many bytes.
    counts_itself
        Whether the size includes name and size.
    sound
        Name of the chunk that holds the sound.
    before
        Bytes in that chunk before the sound.
    """

    first: int
    name_bytes: int
    size_bytes: int
    order: Literal["little", "big"]
    grid: int
    counts_itself: bool
    sound: bytes
    before: int


LAYOUTS = {
    b"RIFF": Layout(12, 4, 4, "little", 2, False, b"data", 0),
    b"RF64": Layout(12, 4, 4, "little", 2, False, b"data", 0),
    b"RIFX": Layout(12, 4, 4, "big", 2, False, b"data", 0),
    b"FORM": Layout(12, 4, 4, "big", 2, False, b"SSND", 8),
    b"riff": Layout(40, 16, 8, "little", 8, True, b"data" + _W64_TAIL, 0),
    b"caff": Layout(8, 4, 8, "big", 1, False, b"data", 4),
}
"""Layouts by the first four bytes of a file."""


def chunks(file: BinaryIO, layout: Layout, start: int, stop: int) -> Iterator[Chunk]:
    """Yield the chunks of the container at ``start``, up to the first that passes ``stop``."""
    header_bytes = layout.name_bytes + layout.size_bytes
    position = start + layout.first
    while position + header_bytes <= stop:
        header = read_at(file, position, header_bytes)
        size = int.from_bytes(header[layout.name_bytes :], layout.order)
        if layout.counts_itself and not is_placeholder(size):
            size -= header_bytes
        chunk = Chunk(header[: layout.name_bytes], position + header_bytes, size)
        yield chunk
        position = chunk.at + max(size, 0)
        position += -(position - start) % layout.grid
