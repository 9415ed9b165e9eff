from __future__ import annotations

import asyncio
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core.server.stream.packets import Packet, PacketKind, read_packet, receive_packet

NO_PACKETS = [b"\0\0\0\0\x00" + bytes(8), b"\0\0\0\xff\x01" + bytes(8), b"Loading model..."]

packets = st.builds(Packet, st.sampled_from(PacketKind), st.binary(), st.floats(allow_nan=False))


async def _received(data: bytes) -> list[Packet]:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    found = []
    while (packet := await receive_packet(reader)) is not None:
        found.append(packet)
    return found


@given(st.lists(packets), st.integers(1, 40))
def test_packets_come_through_a_pipe_and_one_that_is_cut_off_does_not(
    sent: list[Packet], missing: int
) -> None:
    data = b"".join(packet.encoded() for packet in sent)
    pipe = BytesIO(data)
    assert [read_packet(pipe) for _ in sent] == sent
    assert read_packet(pipe) is None
    assert asyncio.run(_received(data)) == sent
    if sent and missing < len(sent[-1].encoded()):
        cut = data[:-missing]
        pipe = BytesIO(cut)
        assert [read_packet(pipe) for _ in sent] == [*sent[:-1], None]
        assert asyncio.run(_received(cut)) == sent[:-1]


@pytest.mark.parametrize("data", NO_PACKETS)
def test_what_is_no_packet_ends_the_stream(data: bytes) -> None:
    assert read_packet(BytesIO(data)) is None
    assert asyncio.run(_received(data)) == []
