"""Servers whose live streams run in threads with fast conversions, and clients of them."""

from __future__ import annotations

import asyncio
import json
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar, Self

import numpy as np
import pytest
from live_streams import RATE, Scaled
from server_clients import ANSWER_SECONDS, running_server, settings_in
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from autovoice_core import VoiceProfile, VoiceProfileStorage
from autovoice_core.server.settings import Settings
from autovoice_core.server.stream import sessions
from autovoice_core.server.stream.packets import Packet
from autovoice_core.server.stream.worker import serve

HELLO = {"type": "hello", "version": 1, "voice": "Ada", "sample_rate": RATE}


class FastConverter:
    """In place of a converter: opens :class:`Scaled` by the key as the factor."""

    def __init__(self) -> None:
        self.opened: list[Scaled] = []

    def stream(self, *_: Any, key: float, after: Any = None, **__: Any) -> Scaled:
        self.opened.append(Scaled(float(key), after))
        return self.opened[-1]


class ThreadProcess:
    """In place of a process of a stream: a thread that does the same, and can be looked into."""

    all: ClassVar[list[Self]] = []

    def __init__(self) -> None:
        self.converter: Any = FastConverter()
        self._packets: queue.SimpleQueue[Packet | None] = queue.SimpleQueue()
        self._answers: asyncio.Queue[Packet] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        arguments = iter(self._packets.get, None), self._answer, self.converter
        self._thread = Thread(target=serve, args=arguments)
        self._thread.start()
        self.is_running = True
        self.all.append(self)

    @classmethod
    def latest(cls) -> Self:
        """The one that was begun last, which is not the spare one."""
        return [each for each in cls.all if each.converter.opened][-1]

    @classmethod
    async def start(cls, _: Path) -> Self:
        return cls()

    def send(self, packet: Packet) -> None:
        self._packets.put(packet)

    async def receive(self, within: float = ANSWER_SECONDS) -> Packet:
        async with asyncio.timeout(within):
            return await self._answers.get()

    async def stop(self) -> None:
        self._packets.put(None)
        await asyncio.to_thread(self._thread.join, ANSWER_SECONDS)
        self.is_running = False

    @property
    def fed(self) -> int:
        """Samples that the conversion has taken in."""
        return self.converter.opened[-1].fed if self.converter.opened else 0

    def _answer(self, packet: Packet) -> None:
        self._loop.call_soon_threadsafe(self._answers.put_nowait, packet)


@contextmanager
def fast_server(
    folder: Path, monkeypatch: pytest.MonkeyPatch, token: str | None = None, **limits: Any
) -> Iterator[Settings]:
    """Run a server with the voice Ada, whose streams run in threads."""
    monkeypatch.setattr(sessions, "StreamProcess", ThreadProcess)
    monkeypatch.setattr(ThreadProcess, "all", [])
    settings = settings_in(folder, limits=limits, token=token)
    features = {"frames": np.zeros((3, 4), np.float32)}
    ada = VoiceProfile("Ada", features, "retrieval/1", (100.0, 200.0, 300.0), -20, 9, ())
    assert settings.db is not None
    VoiceProfileStorage(settings.db).add(ada)
    with running_server(settings) as running:
        yield running


def socket_to(settings: Settings, **named: Any) -> ClientConnection:
    """A connection to the live streams of a server."""
    url = f"ws://{settings.host}:{settings.port}/v1/stream"
    return connect(url, open_timeout=ANSWER_SECONDS, close_timeout=1, max_size=None, **named)


def say(socket: ClientConnection, **message: Any) -> None:
    """Send a message of JSON."""
    socket.send(json.dumps(message))


def heard(socket: ClientConnection, until: str | None = None) -> list[str | bytes]:
    """All that a server sends until it closes, or up to a message of a type."""
    messages: list[str | bytes] = []
    try:
        while True:
            message = socket.recv(ANSWER_SECONDS)
            messages.append(message)
            if isinstance(message, str) and json.loads(message)["type"] == until:
                return messages
    except ConnectionClosed:
        assert until is None, f"the server closed with {socket.close_code}: {messages[-1:]!r}"
        return messages


def begun(socket: ClientConnection, **changed: Any) -> dict[str, Any]:
    """Say hello; return the answer of a server that is ready."""
    say(socket, **{**HELLO, "options": {"key": 1}, **changed})
    ready: dict[str, Any] = json.loads(heard(socket, "ready")[-1])
    return ready


def ending(socket: ClientConnection) -> tuple[int | None, dict[str, Any]]:
    """The code that a server closes with, and its last message before."""
    texts = [json.loads(each) for each in heard(socket) if isinstance(each, str)]
    return socket.close_code, texts[-1] if texts else {}
