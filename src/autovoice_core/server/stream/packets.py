"""Packets between the server and the process of a stream: a length, a kind, a time, bytes."""

from __future__ import annotations

import struct
from asyncio import IncompleteReadError, StreamReader
from enum import IntEnum
from typing import BinaryIO

from attrs import frozen

MAX_PACKET_BYTES = 1 << 24
"""Largest packet that is read, far above what a block of sound or a message takes."""

_HEADER = struct.Struct("<IBd")


class PacketKind(IntEnum):
    """The kinds of packets.

    To the process: ``START`` (JSON: the database and the hello), ``TEXT`` and ``AUDIO`` of the
    client, ``TICK`` now and then. From it: ``TEXT`` and ``AUDIO`` for the client, ``FIGURES`` for
    the metrics, ``REFUSED`` (JSON: code and message) or ``ENDED`` as the last.
    """

    START = 1
    TEXT = 2
    AUDIO = 3
    TICK = 4
    FIGURES = 5
    REFUSED = 6
    ENDED = 7


@frozen
class Packet:
    """A packet.

    Attributes
    ----------
    time
        When it was made, by ``time.monotonic``, which processes of one machine share.
    """

    kind: PacketKind
    data: bytes = b""
    time: float = 0.0

    def encoded(self) -> bytes:
        """Return the packet as bytes."""
        return _HEADER.pack(len(self.data), self.kind, self.time) + self.data


def read_packet(pipe: BinaryIO) -> Packet | None:
    """Return the next packet of a buffered pipe; None at its end, or after what is no packet."""
    header = pipe.read(_HEADER.size)
    if len(header) < _HEADER.size or not _is_ours(header):
        return None
    size, kind, time = _HEADER.unpack(header)
    data = pipe.read(size)
    return Packet(PacketKind(kind), data, time) if len(data) == size else None


async def receive_packet(reader: StreamReader) -> Packet | None:
    """Return the next packet; None at the end, or after what is no packet."""
    try:
        header = await reader.readexactly(_HEADER.size)
        if not _is_ours(header):
            return None
        size, kind, time = _HEADER.unpack(header)
        return Packet(PacketKind(kind), await reader.readexactly(size), time)
    except IncompleteReadError:
        return None


def _is_ours(header: bytes) -> bool:
    """Whether a header is of a packet, and not what something else has written to the pipe."""
    size, kind, _ = _HEADER.unpack(header)
    return size <= MAX_PACKET_BYTES and kind in PacketKind._value2member_map_
