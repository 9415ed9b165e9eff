"""``Drain``: middleware that lets a client finish sending before it is told that it is refused."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Drain:
    """Middleware that throws away the rest of a body, for a while, before an error is answered.

    Most clients read no answer before they have sent all, and get none if the connection is
    closed meanwhile. One that sent ``Expect: 100-continue`` waits for the answer instead.
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app, self._seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and read its body first if the answer is an error."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        has_body = "content-length" in headers or "transfer-encoding" in headers
        if not has_body or "expect" in headers:
            await self._app(scope, receive, send)
            return
        more = True

        async def read() -> Message:
            nonlocal more
            message = await receive()
            more = message["type"] == "http.request" and message.get("more_body", False)
            return message

        async def send_after_body(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._seconds):
                        while more:
                            await read()
            await send(message)

        await self._app(scope, read, send_after_body)
