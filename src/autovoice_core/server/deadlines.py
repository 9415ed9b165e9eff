"""Connections with time limits, by uvicorn's protocols for HTTP and WebSocket.

uvicorn itself waits for ever: for the rest of a header, of a body, and for a client that does not
read. Here a watch looks at every connection a few times a second, and ends those that are late.
"""

from __future__ import annotations

import asyncio
import sys
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.server import ServerProtocol

from autovoice_core.server.errors import HEADER_TOO_LARGE, ApiError
from autovoice_core.server.security_headers import SECURITY_HEADERS
from autovoice_core.server.stream.protocol import StreamProtocol
from autovoice_core.server.watch import Watch, limits_of

MAX_FRAGMENTS = 64
"""Frames that a message of a WebSocket may come in: empty ones would add up without bytes."""

_REFUSALS = {
    431: HEADER_TOO_LARGE,
    501: ("transfer_encoding", "of transfer encodings this server knows chunked alone"),
}
_MALFORMED = ("malformed", "this is not a valid HTTP/1.1 request")


class HttpConnection(H11Protocol):
    """uvicorn's HTTP/1.1 with the time limits of :class:`Limits`, and errors in our form."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._limits = limits_of(self.app)
        self._watch = Watch(self.loop, self._limits)
        self._opened = self.loop.time()
        self._body_bytes = 0
        self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to watch a new connection, or refuse one too many."""
        super().connection_made(transport)
        self._watch.lasts("header", True)
        self._watch.start(self._look)
        if len(self.connections) > self._limits.connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Watch no more."""
        self._watch.stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has arrived; after a refusal it is thrown away."""
        if self._refused:
            return
        if self.conn.their_state is h11.IDLE:
            self._watch.lasts("header", True)
            self._body_bytes = 0
        self._body_bytes += len(data)
        super().data_received(data)
        state = self.conn.their_state
        if state is not h11.IDLE:
            self._watch.lasts("header", False)
        self._watch.lasts("body", state is h11.SEND_BODY)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Leave the connection to the protocol of WebSockets, if this is a handshake."""
        if fault := _fault_of_handshake(event):
            self._refuse(400, "handshake", f"no WebSocket can be opened: {fault}")
            return
        self._watch.stop()
        super().handle_websocket_upgrade(event)

    def send_400_response(self, msg: str) -> None:
        """Refuse what h11 could not read; called while its error is handled."""
        status = getattr(sys.exc_info()[1], "error_status_hint", 400)
        self._refuse(status, *_REFUSALS.get(status, _MALFORMED))

    def _make_room(self) -> None:
        """Cut off the oldest connection that asks for nothing, or refuse this one.

        So that many silent ones don't keep others from being served.
        """
        opened = [each for each in self.connections if not each.transport.is_closing()]
        if len(opened) <= self._limits.connections:
            return
        idle = [each for each in opened if isinstance(each, HttpConnection) and each._is_idle()]
        idle.remove(self)
        if idle:
            min(idle, key=lambda each: each._opened).transport.abort()
        else:
            self._refuse(503, "busy", "too many connections are open; try again later")

    def _is_idle(self) -> bool:
        return self._refused or self.conn.their_state is h11.IDLE

    def _look(self) -> None:
        """End the connection if its client is late."""
        watch, limits = self._watch, self._limits
        closing = self._refused or self.transport.is_closing()
        if watch.lasts("closing", closing) > limits.linger_seconds:
            self.transport.abort()
        if closing:
            return
        if watch.lasts("stalled", self.flow.write_paused) > limits.stalled_seconds:
            self.transport.abort()
            return
        state, answered = self.conn.their_state, self.conn.our_state is h11.DONE
        # Between two requests the time limit of uvicorn holds.
        waiting = state is h11.IDLE and self.timeout_keep_alive_task is None
        if watch.lasts("header", waiting) > limits.header_seconds:
            if self.conn.trailing_data[0]:
                self._refuse(408, "header_timeout", "the header of the request took too long")
            else:
                self.transport.close()
        sending = state is h11.SEND_BODY
        if watch.lasts("drain", sending and answered) > limits.linger_seconds:
            self.transport.abort()
        elapsed = watch.lasts("body", sending)
        if sending and self.flow.read_paused:  # not the client is late, but who reads
            watch.pause("body")
        elif elapsed > limits.body_grace_seconds + self._body_bytes / limits.min_body_rate:
            self._refuse(408, "body_timeout", "the body of the request came too slowly")

    def _refuse(self, status: int, code: str, message: str) -> None:
        """Answer with an error if that is still possible, and close the connection.

        It is closed a little later, as a client that is still sending would else not get to read
        the answer.
        """
        self._unset_keepalive_if_required()
        self._refused = True
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.flow.resume_writing()
        self.flow.resume_reading()
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.abort()
            return
        answer = ApiError(
            status, code, message, headers={**SECURITY_HEADERS, "connection": "close"}
        ).response()
        reason = HTTPStatus(status).phrase.encode()
        start = h11.Response(status_code=status, headers=answer.raw_headers, reason=reason)
        is_head = self.conn.our_state is h11.SEND_RESPONSE and self.scope["method"] == "HEAD"
        body = b"" if is_head else bytes(answer.body)
        for event in (start, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        if self.transport.can_write_eof():
            self.transport.write_eof()


def _fault_of_handshake(event: h11.Request) -> str:
    """Return what is wrong with the opening handshake of a WebSocket, or nothing."""
    lines = [b" ".join((event.method, event.target, b"HTTP/1.1"))]
    lines += [name + b": " + value for name, value in event.headers]
    protocol = ServerProtocol()
    protocol.receive_data(b"\r\n".join([*lines, b"", b""]))
    for request in protocol.events_received():
        if isinstance(request, Request):
            protocol.accept(request)
    return str(protocol.handshake_exc or "")


class WebSocketConnection(StreamProtocol):
    """A WebSocket that ends where its client does not read, or sends endless fragments."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._limits = limits_of(self.app)
        self.close_timeout = self._limits.linger_seconds
        self._watch = Watch(self.loop, self._limits)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to watch a new connection."""
        super().connection_made(transport)
        self._watch.start(self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Watch no more."""
        self._watch.stop()
        super().connection_lost(exc)

    def handle_cont(self, event: Frame) -> None:
        """Take a fragment of a message, or end a connection that sends too many."""
        if len(self.frames) >= MAX_FRAGMENTS:
            self.conn.fail(1009, f"a message may come in {MAX_FRAGMENTS} frames")
            self.handle_parser_exception()
            return
        super().handle_cont(event)

    def _look(self) -> None:
        """Cut the connection off if it does not open, or its client reads nothing."""
        limits = self._limits
        opening = self._watch.lasts("opening", not self.handshake_complete)
        closing = self._watch.lasts("closing", self.transport.is_closing())
        stalled = self._watch.lasts("stalled", not self.writable.is_set())
        if (
            opening > limits.header_seconds
            or closing > limits.linger_seconds
            or stalled > limits.stalled_seconds
        ):
            self.transport.abort()
