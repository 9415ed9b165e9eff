"""The route of live streams: ``/v1/stream``."""

from __future__ import annotations

from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket

from autovoice_core.server.state import ServerState
from autovoice_core.server.stream.connection import LiveConnection


def routes(state: ServerState) -> list[BaseRoute]:
    """Return the route of live streams."""

    async def stream(websocket: WebSocket) -> None:
        await LiveConnection(websocket, state.streams).run()

    return [WebSocketRoute("/v1/stream", stream, name="stream")]
