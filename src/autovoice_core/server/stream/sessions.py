"""``Sessions``: the live streams that are open, each with a process of its own, and a spare one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from autovoice_core.server.metrics import Metrics
from autovoice_core.server.settings import Settings
from autovoice_core.server.stream.codes import CloseCode, StreamRefusal
from autovoice_core.server.stream.process import StreamProcess
from autovoice_core.voices.storage import VoiceProfileStorage

CLOSE_SECONDS = 3.0
"""Seconds that streams are given to say goodbye."""


class Sessions:
    """The live streams that are open.

    A process takes most of a second to import and compile, so one more than needed is kept warm.

    Parameters
    ----------
    settings, metrics
        Those of the server.
    """

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self.settings, self.metrics = settings, metrics
        self._goodbyes: dict[object, Callable[[str], None]] = {}
        self._none_open = asyncio.Event()
        self._none_open.set()
        self._spare: asyncio.Task[StreamProcess] | None = None
        self._is_closed = False

    @property
    def _db(self) -> Path:
        return VoiceProfileStorage(self.settings.db).path

    async def start(self) -> None:
        """Begin to warm a process for the first stream."""
        self.warm_spare()

    @asynccontextmanager
    async def process(self, goodbye: Callable[[str], None]) -> AsyncIterator[StreamProcess]:
        """Give a process to a stream for as long as that is open.

        Parameters
        ----------
        goodbye
            Called with the reason when the stream must end.

        Raises
        ------
        StreamRefusal
            As many streams are open as may be, or the server is about to end.
        """
        if self._is_closed:
            raise StreamRefusal(CloseCode.GOING_AWAY, "the server is about to end")
        most = self.settings.limits.streams
        if len(self._goodbyes) >= most:
            raise StreamRefusal(
                CloseCode.TOO_MANY_STREAMS,
                f"{most} streams are open, as many as may be; try again later",
            )
        place = object()
        self._goodbyes[place] = goodbye
        self._count()
        process: StreamProcess | None = None
        try:
            process = await self._take_spare()
            yield process
        finally:
            if process is not None:
                await process.stop()
            del self._goodbyes[place]
            self._count()
            self.warm_spare()

    async def close_all(self, reason: str) -> None:
        """Let every stream say goodbye and close, and end all processes; then refuse new ones."""
        self._is_closed = True
        for goodbye in self._goodbyes.values():
            goodbye(reason)
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._none_open.wait()
        if self._spare is not None:
            spare, self._spare = self._spare, None
            with suppress(OSError):
                await (await spare).stop()

    def warm_spare(self) -> None:
        """Begin to warm a process for the next stream, if there is none and one more may come."""
        may_come = not self._is_closed and len(self._goodbyes) < self.settings.limits.streams
        if self._spare is None and may_come:
            self._spare = asyncio.create_task(StreamProcess.start(self._db))

    def _count(self) -> None:
        self.metrics.streams.set(len(self._goodbyes))
        if self._goodbyes:
            self._none_open.clear()
        else:
            self._none_open.set()

    async def _take_spare(self) -> StreamProcess:
        spare, self._spare = self._spare, None
        try:
            if spare is not None:
                process = await spare
                if process.is_running:
                    return process
                await process.stop()
            return await StreamProcess.start(self._db)
        except OSError as error:
            raise StreamRefusal(
                CloseCode.FAILED, f"no process could be started ({error.strerror}); try again later"
            ) from error
