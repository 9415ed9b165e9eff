"""Servers on a free port of this machine, and raw connections to them as an attacker makes them."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import attrs

from autovoice_core.server.running import Server, serve
from autovoice_core.server.settings import Limits, Settings

STARTING_SECONDS = 120.0
ANSWER_SECONDS = 60.0


def settings_in(folder: Path, *, limits: dict[str, Any] | None = None, **given: Any) -> Settings:
    """Return settings with a folder and a database of voices in ``folder``."""
    given = {"folder": folder / "server", "db": folder / "voices.db", "port": 0} | given
    return Settings(limits=Limits(**(limits or {})), **given)


@contextmanager
def running_server(settings: Settings) -> Iterator[Settings]:
    """Run a server in a thread; yield its settings, with the port that it listens at."""
    started = threading.Event()
    found: list[tuple[Settings, Server]] = []

    def ready(settings: Settings, server: Server) -> None:
        found.append((settings, server))
        started.set()

    def run() -> None:
        try:
            serve(settings, ready)
        finally:
            started.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert started.wait(STARTING_SECONDS)
        assert found, "the server did not start"
        yield found[0][0]
    finally:
        if found:
            found[0][1].end()
        thread.join(STARTING_SECONDS)
        assert not thread.is_alive()


@attrs.frozen
class Answer:
    """What a server has answered, in bytes, until it closed the connection."""

    data: bytes

    @property
    def status(self) -> int:
        return int(self.data.split(b" ", 2)[1])

    @property
    def headers(self) -> dict[str, str]:
        lines = self.data.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        pairs = (line.partition(": ") for line in lines)
        return {name.lower(): value for name, _, value in pairs}

    @property
    def body(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[2]

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = json.loads(self.body)["error"]
        assert set(error) == {"code", "message", "field"}
        return error


def connect(settings: Settings) -> socket.socket:
    """Return a connection to a server."""
    return socket.create_connection((settings.host, settings.port), timeout=ANSWER_SECONDS)


def received(connection: socket.socket) -> Answer:
    """Return all that arrives until the server closes the connection."""
    parts = []
    try:
        while part := connection.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return Answer(b"".join(parts))


def exchange(settings: Settings, request: bytes) -> Answer:
    """Return the answer to bytes that are sent as they are."""
    with closing(connect(settings)) as connection:
        connection.sendall(request)
        return received(connection)


def request(
    settings: Settings,
    method: str,
    path: str,
    body: bytes | Any = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """Return the answer to a request, whose ``body`` is sent as JSON unless it is bytes."""
    given = {"Host": f"{settings.host}:{settings.port}", "Connection": "close"}
    if body is not None and not isinstance(body, bytes):
        body, given["Content-Type"] = json.dumps(body).encode(), "application/json"
    if body is not None:
        given["Content-Length"] = str(len(body))
    lines = [f"{method} {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in (given | (headers or {})).items()]
    return exchange(settings, "\r\n".join([*lines, "", ""]).encode() + (body or b""))
