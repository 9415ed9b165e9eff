"""``serve``: a server run until it is told to end, when it says goodbye first."""

from __future__ import annotations

import asyncio
import logging
import math
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import attrs
import uvicorn
from starlette.applications import Starlette

from autovoice_core._errors import ArgumentError
from autovoice_core.server.app import create_app
from autovoice_core.server.deadlines import HttpConnection, WebSocketConnection
from autovoice_core.server.settings import Settings
from autovoice_core.server.state import ServerState

DESCRIPTORS_PER_CONNECTION = 4
"""Files that may be open for a connection: itself, a file that is sent, and some to spare."""
BACKLOG = 256
"""Connections that the system keeps until they are accepted."""
_CANCEL_SECONDS = 2
"""Seconds after which a request is cancelled that goes on although its client was cut off."""
_STOPPING_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


def serve(settings: Settings, ready: Callable[[Settings, Server], None] | None = None) -> None:
    """Run a server until a signal, or ``server.end()``, ends it.

    Parameters
    ----------
    settings
        With port 0 the system chooses one.
    ready
        Called once it answers, with the settings in which the port is the one in use, and the
        server.

    Raises
    ------
    InputError
        The address can't be listened at, or the certificate can't be read.
    """
    _allow_descriptors(DESCRIPTORS_PER_CONNECTION * settings.limits.connections)
    with listening_socket(settings.host, settings.port) as listener:
        settings = attrs.evolve(settings, port=listener.getsockname()[1])
        server = Server(settings, create_app(settings), ready)
        with asyncio.Runner() as runner:
            loop: Any = runner.get_loop()
            if settings.certfile is not None:
                seconds = settings.limits.header_seconds
                loop.create_server = partial(loop.create_server, ssl_handshake_timeout=seconds)
            runner.run(server.serve(sockets=[listener]))


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens at a name or address, for the caller to close.

    Raises
    ------
    InputError
        There is no such address here, or the port is taken.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        family, kind, protocol, _, address = found
    except (OSError, UnicodeError) as error:
        raise ArgumentError(
            f"host: {host!r} is no address of this machine; give one, such as 127.0.0.1"
        ) from error
    # Named as TCP, or asyncio leaves Nagle's algorithm on, which holds back a live stream by 40 ms.
    listener = socket.socket(family, kind, protocol)
    try:
        # Not on Windows, where it would let two servers share a port.
        if hasattr(signal, "SIGHUP"):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise ArgumentError(
            f"host, port: can't listen at {host} port {port} ({error.strerror}); choose another"
        ) from error
    return listener


def _allow_descriptors(count: int) -> None:
    """Let this process open so many files and connections, as far as the system permits."""
    try:
        import resource
    except ImportError:  # on Windows, which has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):  # some systems have a lower limit of their own
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Server(uvicorn.Server):
    """A server of an application, which says goodbye before it ends."""

    def __init__(
        self,
        settings: Settings,
        app: Starlette,
        ready: Callable[[Settings, Server], None] | None = None,
    ) -> None:
        self._settings, self._ready = settings, ready
        self._state: ServerState = app.state.server
        # Entered here, as uvicorn would log its errors with a trace, and raise SystemExit.
        self._lifespan = app.router.lifespan_context(app)
        # It holds addresses with their queries, and a line for every client that is gone too soon;
        # ours tells of requests and failures.
        logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
        super().__init__(_config(settings, app))

    def end(self) -> None:
        """Let the server end, from any thread."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell who waits for it."""
        await self._lifespan.__aenter__()
        await super().startup(sockets)
        if self._ready is not None:
            self._ready(self._settings, self)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept no more, say goodbye to those that are connected, and end in bounded time."""
        for server in self.servers:
            server.close()
        seconds = self._settings.limits.shutdown_seconds
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._state.say_goodbye()
        asyncio.get_running_loop().call_later(seconds, self._cut_off)
        try:
            await super().shutdown(sockets)
        finally:
            await self._lifespan.__aexit__(None, None, None)

    def _cut_off(self) -> None:
        """Cut off the clients that are left, whose requests then end as if they had gone away."""
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let signals end the server; uvicorn would raise them again once it has ended."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {}
        for name in _STOPPING_SIGNALS:
            number = getattr(signal, name, None)
            # One that is ignored, as SIGHUP is under nohup, stays so.
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, self.handle_exit)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _config(settings: Settings, app: Starlette) -> uvicorn.Config:
    limits = settings.limits
    config = uvicorn.Config(
        app,
        http=HttpConnection,
        ws=WebSocketConnection,
        ws_max_size=limits.message_bytes,
        ws_ping_interval=None,  # streams have pings of their own, which carry a position
        ws_per_message_deflate=False,
        lifespan="off",
        backlog=BACKLOG,
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=limits.header_bytes,
        timeout_keep_alive=limits.keep_alive_seconds,
        timeout_graceful_shutdown=math.ceil(limits.shutdown_seconds) + _CANCEL_SECONDS,
        ssl_certfile=settings.certfile,
        ssl_keyfile=settings.keyfile,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        raise ArgumentError(
            f"certfile, keyfile: {settings.certfile} and {settings.keyfile} can't be used "
            f"({error.strerror or error}); give a certificate and its key in PEM"
        ) from error
    return config
