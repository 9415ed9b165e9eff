"""``StreamProtocol``: uvicorn's WebSocket protocol, whose close waits for no slow reader."""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class StreamProtocol(WebSocketsSansIOProtocol):
    """A WebSocket connection that is closed whether or not its client reads.

    uvicorn's own sends nothing while the buffers of a connection are full, a close included.
    """

    async def send(self, message: Any) -> None:
        """Send a message of the application; a close is put behind what waits already."""
        if message["type"] == "websocket.close" and self.handshake_complete:
            self.writable.set()
        await super().send(message)
