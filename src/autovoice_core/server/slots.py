"""``Slots``: how many requests may do something at once that takes memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from autovoice_core.server.errors import ApiError

CHUNK_BYTES = 65_536


class Slots:
    """A number of requests that may hold something large in memory at once.

    Parameters
    ----------
    count
        How many.
    what
        What they hold, for the message to one too many: ``"voices"``.
    """

    def __init__(self, count: int, what: str) -> None:
        self._free, self._what = count, what

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Take a slot for as long as the block lasts.

        Raises
        ------
        ApiError
            429: all are taken.
        """
        if not self._free:
            message = f"too many {self._what} are on their way; try again in a moment"
            raise ApiError(429, "busy", message, headers={"Retry-After": "2"})
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1


class HeldResponse(Response):
    """Bytes that are sent as fast as the client reads; what is ``held`` is let go at the end.

    Sent as a whole they would lie in the buffer of the connection, where nobody counts them.
    """

    def __init__(
        self, held: ExitStack, content: bytes, headers: dict[str, str], media_type: str
    ) -> None:
        super().__init__(content, headers=headers, media_type=media_type)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        start = {"status": self.status_code, "headers": self.raw_headers}
        with self._held:
            await send({"type": "http.response.start", **start})
            for place in range(0, len(self.body), CHUNK_BYTES):
                chunk = bytes(self.body[place : place + CHUNK_BYTES])
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
