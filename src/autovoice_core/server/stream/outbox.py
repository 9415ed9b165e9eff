"""``Outbox``: what waits to be sent to the client of a live stream."""

from __future__ import annotations

import asyncio
from collections import deque

from starlette.websockets import WebSocket

from autovoice_core.server.stream.codes import CloseCode, StreamRefusal

MAX_WAITING_BYTES = 1_000_000
"""Bytes that may wait, besides those in the system's buffers: 5 s of mono float32 at 48 kHz."""


class Outbox:
    """What waits to be sent to a client."""

    def __init__(self) -> None:
        self._waiting: deque[str | bytes] = deque()
        self._bytes = 0
        self._has_some, self._is_empty = asyncio.Event(), asyncio.Event()
        self._is_empty.set()

    def put(self, message: str | bytes) -> None:
        """Add a message.

        Raises
        ------
        StreamRefusal
            Too much waits already: the client does not read.
        """
        self._bytes += len(message)
        if self._bytes > MAX_WAITING_BYTES:
            raise slow_reader()
        self._waiting.append(message)
        self._has_some.set()
        self._is_empty.clear()

    async def send_to(self, websocket: WebSocket) -> None:
        """Send all messages in order, for ever."""
        while True:
            await self._has_some.wait()
            while self._waiting:
                message = self._waiting.popleft()
                if isinstance(message, bytes):
                    await websocket.send_bytes(message)
                else:
                    await websocket.send_text(message)
                self._bytes -= len(message)
            self._has_some.clear()
            self._is_empty.set()

    async def until_empty(self, seconds: float) -> None:
        """Wait until everything is sent.

        Raises
        ------
        StreamRefusal
            It is not after so many seconds.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._is_empty.wait()
        except TimeoutError:
            raise slow_reader() from None


def slow_reader() -> StreamRefusal:
    """Return the refusal of a client that does not read."""
    return StreamRefusal(
        CloseCode.SLOW_READER, "the output was not read as fast as it was made; read all the time"
    )
