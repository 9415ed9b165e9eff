"""``Inspector``: the worker process that decodes what clients send, one thing at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from autovoice_core.server.jobs.failures import TaskError
from autovoice_core.server.jobs.supervisor import Worker

NICENESS = 5
"""Niceness of the process (0 to 19): behind streams, but before jobs, as a client waits for it."""


class Inspector:
    """The worker process of the tasks of ``inspection``, started when it is first needed."""

    def __init__(self) -> None:
        self._worker = Worker("inspection", NICENESS)
        self._free = asyncio.Lock()

    async def run(self, task: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """Return the result of a task, once those before it are done.

        Raises
        ------
        TaskError
            It failed, took longer than ``seconds``, or its process died.
        """
        async with self._free:
            try:
                if not self._worker.alive:
                    await self._worker.start()
                return await self._worker.run(task, seconds)
            except TaskError:
                raise
            except BaseException:
                await self._worker.close()  # it may still be at work
                raise

    async def close(self) -> None:
        """End the process."""
        await self._worker.close()
