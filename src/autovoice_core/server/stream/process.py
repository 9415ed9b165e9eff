"""``StreamProcess``: the process of one live stream, as the server sees it."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import Self

from autovoice_core._worker_process import OWN_GROUP, thread_limits
from autovoice_core.server.stream.codes import CloseCode, StreamRefusal
from autovoice_core.server.stream.packets import Packet, receive_packet

MAX_BACKLOG_BYTES = 4_000_000
"""Bytes that may wait for a process: more than a client within its credit ever sends."""
MAX_SILENT_SECONDS = 10.0
"""Seconds after which a process that answers nothing counts as stuck."""
MAX_START_SECONDS = 90.0
"""Seconds after which a process must be ready; where nothing is compiled yet, it takes a minute."""


class StreamProcess:
    """A process that runs :mod:`~autovoice_core.server.stream.worker`."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, db: Path) -> Self:
        """Start a process that serves voices of the database ``db``."""
        process = await asyncio.create_subprocess_exec(
            # -P: the folder that the server was started in is no place for modules.
            *(sys.executable, "-P", "-m", "autovoice_core.server.stream.worker", str(db)),
            stdin=PIPE,
            stdout=PIPE,
            env=os.environ | thread_limits(1),
            **OWN_GROUP,
        )
        return cls(process)

    @property
    def is_running(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process.returncode is None

    def send(self, packet: Packet) -> None:
        """Send a packet, without waiting.

        Raises
        ------
        StreamRefusal
            Too much waits for the process, or it has ended.
        """
        pipe = self._process.stdin
        if pipe is None or pipe.is_closing():
            raise _ended()
        pipe.write(packet.encoded())
        if pipe.transport.get_write_buffer_size() > MAX_BACKLOG_BYTES:
            raise StreamRefusal(
                CloseCode.OVER_CREDIT, "more was sent than the credit allows; wait for credit"
            )

    async def receive(self, within: float = MAX_SILENT_SECONDS) -> Packet:
        """Return the next packet, which is to come ``within`` so many seconds.

        Raises
        ------
        StreamRefusal
            The process has ended or is stuck.
        """
        pipe = self._process.stdout
        if pipe is None:
            raise _ended()
        try:
            # Not wait_for, which Python 3.11 lets go on when it is cancelled at the wrong moment.
            async with asyncio.timeout(within):
                packet = await receive_packet(pipe)
        except TimeoutError:
            raise StreamRefusal(
                CloseCode.FAILED, f"the stream was stuck for {within:g} s; open another one"
            ) from None
        if packet is None:
            raise _ended()
        return packet

    async def stop(self) -> None:
        """End it at once, and wait for that."""
        with suppress(ProcessLookupError):
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
            # What it did not read is an error, which Python 3.11.2 prints unless it is taken here.
            with suppress(OSError):
                await self._process.stdin.wait_closed()
        await self._process.wait()


def _ended() -> StreamRefusal:
    return StreamRefusal(CloseCode.FAILED, "the stream's process has died; open another stream")
