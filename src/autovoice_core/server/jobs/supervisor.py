"""``Worker``: a worker process of ours and the pipe to it, with its tasks bounded in time."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Literal

from autovoice_core._worker_process import (
    OWN_GROUP,
    exit_text,
    kill_group,
    worker_environment,
)
from autovoice_core.server.jobs.failures import TaskError

WorkerKind = Literal["songs", "inspection"]

MAX_LINE_BYTES = 1 << 20
"""Longest line that a worker may send."""


class Worker:
    """A process that does one task at a time; see :mod:`autovoice_core.server.jobs.worker`.

    It shares nothing with the server but a pipe with lines of JSON, and has a process group of
    its own, so that Ctrl-C reaches the server alone and what it starts ends with it. It stays in
    the server's session: Linux shares the processor between sessions, whatever their priority.
    """

    def __init__(self, kind: WorkerKind, niceness: int) -> None:
        self._kind, self._niceness = kind, niceness
        self._process: Process | None = None

    @property
    def alive(self) -> bool:
        """Whether there is a process that takes tasks."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        """The number of the process."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Start the process, which gets ready while a first task may already be sent.

        Raises
        ------
        OSError
            The system starts no more processes.
        """
        await self.close()
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", "autovoice_core.server.jobs.worker", self._kind, str(self._niceness)),
            stdin=PIPE,
            stdout=PIPE,
            env=worker_environment(),
            limit=MAX_LINE_BYTES,
            **OWN_GROUP,
        )

    async def run(
        self,
        task: Mapping[str, Any],
        seconds: float,
        tell: Callable[[dict[str, Any]], None] = lambda _: None,
    ) -> dict[str, Any]:
        """Return the result of a task, and ``tell`` each message on the way to it.

        Raises
        ------
        TaskError
            It failed; ``timeout``: it took longer than ``seconds``; ``worker_died``: the process
            ended, whoever ended it. After both there is no process any more.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(task, tell)
        except TimeoutError as error:
            await self.close()
            raise TaskError(
                "timeout", f"took longer than the {seconds:g} s allowed; try a shorter sound"
            ) from error

    async def ended(self) -> None:
        """Wait until the process has ended."""
        if self._process is not None:
            await self._process.wait()

    def kill(self) -> None:
        """End the process, and those it has started, at once."""
        if self._process is None or self._process.returncode is not None:
            return
        kill_group(self._process)

    async def close(self) -> None:
        """End the process, and wait until it has."""
        self.kill()
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            await self._process.communicate()
        self._process = None

    async def _exchange(
        self, task: Mapping[str, Any], tell: Callable[[dict[str, Any]], None]
    ) -> dict[str, Any]:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise TaskError("worker_died", "the worker process is gone; try again")
        with suppress(ConnectionError):  # its end is seen below
            process.stdin.write(json.dumps(task).encode() + b"\n")
            await process.stdin.drain()
        while line := await process.stdout.readline():
            message: dict[str, Any] = json.loads(line)
            match message.pop("type"):
                case "done":
                    return message
                case "failed":
                    raise TaskError(message["code"], message["message"])
                case kind:
                    tell({"type": kind, **message})
        code = await process.wait()
        await self.close()
        raise TaskError("worker_died", f"the worker process {exit_text(code)}; try again")
