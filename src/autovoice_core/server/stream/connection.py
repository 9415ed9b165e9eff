"""``LiveConnection``: one WebSocket, from its hello to its close, with the process behind it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from time import monotonic
from typing import Any, NoReturn

import msgspec
from attrs import evolve
from starlette.websockets import WebSocket, WebSocketDisconnect

from autovoice_core.server.stream import messages
from autovoice_core.server.stream.block_times import NewBlocks
from autovoice_core.server.stream.codes import CloseCode, StreamRefusal
from autovoice_core.server.stream.frames import MAX_FRAME_BYTES
from autovoice_core.server.stream.hello import check_hello
from autovoice_core.server.stream.messages import Hello, Pong
from autovoice_core.server.stream.outbox import Outbox
from autovoice_core.server.stream.packets import Packet, PacketKind
from autovoice_core.server.stream.process import MAX_START_SECONDS, StreamProcess
from autovoice_core.server.stream.sessions import Sessions
from autovoice_core.server.tokens import is_token
from autovoice_core.voices.storage import VoiceProfileStorage

TICK_SECONDS = 0.2
"""Seconds between two ticks, on which a process tells what is due."""
CLOSING_SECONDS = 1.0
"""Seconds that a client is given to take the last words."""


class LiveConnection:
    """One WebSocket, from its hello to its close.

    Parameters
    ----------
    websocket
        Not yet accepted.
    sessions
        Where it gets its process from.
    """

    def __init__(self, websocket: WebSocket, sessions: Sessions) -> None:
        self._socket, self._sessions = websocket, sessions
        self._limits, self._metrics = sessions.settings.limits, sessions.metrics
        self._voices = VoiceProfileStorage(sessions.settings.db)
        self._outbox, self._is_ready = Outbox(), False
        self._idle = asyncio.timeout(None)  # which begins when the process is ready
        self._goodbye: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Serve the client until either side ends it."""
        await self._socket.accept()
        code = int(CloseCode.END)
        try:
            hello = await self._receive_hello()
            async with self._sessions.process(self._say_goodbye) as process:
                self._start(process, hello)
                await _until_first_ends(
                    self._serve_client(process),
                    self._serve_process(process),
                    self._outbox.send_to(self._socket),
                    self._tick(process),
                    self._await_goodbye(),
                )
            await self._close(CloseCode.END)
        except StreamRefusal as refusal:
            code = int(refusal.code)
            await self._refuse(refusal)
        except WebSocketDisconnect as gone:
            code = gone.code
        except Exception:
            logging.getLogger(__name__).exception("the connection of a live stream failed")
            code = int(CloseCode.FAILED)
            await self._refuse(
                StreamRefusal(CloseCode.FAILED, "the server failed; see its log, and try again")
            )
        self._metrics.streams_closed.labels(_label(code)).inc()

    async def _receive_hello(self) -> Hello:
        seconds = self._limits.hello_seconds
        try:
            async with asyncio.timeout(seconds):
                data = await self._receive()
        except TimeoutError:
            raise StreamRefusal(
                CloseCode.TIMEOUT, f"no hello came within {seconds:g} s of the connection"
            ) from None
        hello = messages.decode(data) if isinstance(data, str) else None
        if not isinstance(hello, Hello):
            raise StreamRefusal(
                CloseCode.BAD_MESSAGE, "the first message must be a hello, as JSON in text"
            )
        settings = self._sessions.settings
        signed_in = self._socket.scope.get("state", {}).get("signed_in") is True
        if not signed_in and not is_token(settings.token, hello.token):
            raise StreamRefusal(
                CloseCode.TOKEN, "this server needs a token: send it as token of the hello"
            )
        await asyncio.to_thread(check_hello, hello, self._voices)
        return evolve(hello, token=None)

    def _start(self, process: StreamProcess, hello: Hello) -> None:
        start = {"db": str(self._voices.path), "hello": msgspec.to_builtins(hello)}
        process.send(Packet(PacketKind.START, msgspec.json.encode(start)))

    async def _receive(self) -> str | bytes:
        event = await self._socket.receive()
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(event.get("code") or 1005)
        text = event.get("text")
        data: str | bytes = event["bytes"] if text is None else text
        if isinstance(data, bytes) and len(data) > MAX_FRAME_BYTES:
            raise StreamRefusal(
                CloseCode.TOO_BIG, f"a message may have {MAX_FRAME_BYTES} bytes at most"
            )
        return data

    async def _serve_client(self, process: StreamProcess) -> NoReturn:
        """Pass on what the client sends. It is read all the time, or its close went unseen."""
        try:
            async with self._idle:
                while True:
                    data = await self._receive()
                    if isinstance(data, bytes):
                        process.send(Packet(PacketKind.AUDIO, data, monotonic()))
                    else:
                        is_pong = isinstance(messages.decode(data), Pong)
                        process.send(Packet(PacketKind.TEXT, data.encode(), monotonic()))
                        if is_pong:
                            continue
                    if self._is_ready:
                        self._put_off_idle()
        except TimeoutError:
            seconds = self._limits.idle_seconds
            raise StreamRefusal(
                CloseCode.TIMEOUT, f"neither audio nor a gap came for {seconds:g} s"
            ) from None

    def _put_off_idle(self) -> None:
        now = asyncio.get_running_loop().time()
        self._idle.reschedule(now + self._limits.idle_seconds)

    async def _serve_process(self, process: StreamProcess) -> None:
        """Pass on what the process says."""
        self._take(await process.receive(within=MAX_START_SECONDS))
        self._is_ready = True
        self._put_off_idle()
        # Not before, as it would take the processor that this start needs.
        self._sessions.warm_spare()
        while True:
            packet = await process.receive()
            if packet.kind is PacketKind.ENDED:
                await self._outbox.until_empty(self._limits.idle_seconds)
                return
            self._take(packet)

    def _take(self, packet: Packet) -> None:
        match packet.kind:
            case PacketKind.TEXT:
                self._outbox.put(packet.data.decode())
            case PacketKind.AUDIO:
                self._outbox.put(packet.data)
            case PacketKind.FIGURES:
                self._count(msgspec.json.decode(packet.data, type=NewBlocks))
            case _:
                refusal = msgspec.json.decode(packet.data)
                raise StreamRefusal(CloseCode(refusal["code"]), refusal["message"])

    def _count(self, new: NewBlocks) -> None:
        self._metrics.stream_samples.inc(new.samples)
        self._metrics.stream_late_blocks.inc(new.late)
        for seconds in new.seconds:
            self._metrics.stream_block_seconds.observe(seconds)

    async def _tick(self, process: StreamProcess) -> NoReturn:
        while True:
            # While it starts, ticks would pile up, and bring as many figures at once afterwards.
            if self._is_ready:
                process.send(Packet(PacketKind.TICK, time=monotonic()))
            await asyncio.sleep(TICK_SECONDS)

    def _say_goodbye(self, reason: str) -> None:
        if not self._goodbye.done():
            self._goodbye.set_result(reason)

    async def _await_goodbye(self) -> NoReturn:
        raise StreamRefusal(CloseCode.GOING_AWAY, await self._goodbye)

    async def _refuse(self, refusal: StreamRefusal) -> None:
        if refusal.code is CloseCode.GOING_AWAY:
            last_words = messages.encode("goodbye", reason=refusal.message)
        else:
            last_words = messages.encode_error(refusal)
        with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                await self._socket.send_text(last_words)
        await self._close(refusal.code)

    async def _close(self, code: CloseCode) -> None:
        with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                await self._socket.close(int(code), code.name.lower())


async def _until_first_ends(*coroutines: Coroutine[Any, Any, None]) -> None:
    """Run all until one ends or raises, cancel the others, and raise what that raised."""
    tasks = [asyncio.create_task(each) for each in coroutines]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:
        if task in done:
            task.result()


def _label(code: int) -> str:
    """Return the code for the metrics: clients can't make as many labels as they like."""
    known = {int(each) for each in CloseCode} | {1005, 1006, 1012}
    return str(code) if code in known else "other"
