from __future__ import annotations

import asyncio
from typing import Any

import pytest

from autovoice_core.server.stream.codes import CloseCode, StreamRefusal
from autovoice_core.server.stream.outbox import MAX_WAITING_BYTES, Outbox


class Socket:
    """Takes what is sent while it is open."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.is_open = asyncio.Event()

    async def send_text(self, text: str) -> None:
        await self.is_open.wait()
        self.sent.append(text)

    send_bytes = send_text


def test_messages_are_sent_in_order_and_all_of_them() -> None:
    async def run() -> None:
        socket: Any = Socket()
        socket.is_open.set()
        outbox = Outbox()
        sending = asyncio.create_task(outbox.send_to(socket))
        for i in range(50):
            outbox.put(f"{i}" if i % 2 else bytes([i]))
            await asyncio.sleep(0)
        await outbox.until_empty(20.0)
        assert socket.sent == [f"{i}" if i % 2 else bytes([i]) for i in range(50)]
        sending.cancel()

    asyncio.run(run())


def test_one_who_does_not_read_is_refused_before_memory_is_full() -> None:
    async def run() -> list[StreamRefusal]:
        socket: Any = Socket()
        outbox = Outbox()
        sending = asyncio.create_task(outbox.send_to(socket))
        for _ in range(MAX_WAITING_BYTES // 4_000):
            outbox.put(bytes(4_000))
            await asyncio.sleep(0)
        with pytest.raises(StreamRefusal) as full:
            outbox.put(b"1")
        with pytest.raises(StreamRefusal) as never_empty:
            await outbox.until_empty(0.01)
        sending.cancel()
        return [full.value, never_empty.value]

    for refusal in asyncio.run(run()):
        assert refusal.code is CloseCode.SLOW_READER
        assert refusal.message == (
            "the output was not read as fast as it was made; read all the time"
        )
