"""``JobQueue``: the ids of jobs that wait, first come first served."""

from __future__ import annotations

import asyncio


class JobQueue:
    """The ids of jobs that wait for a worker."""

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, job: str) -> None:
        """Append a job."""
        self._waiting.append(job)
        self._filled.set()

    async def get(self) -> str:
        """Return the first job, once there is one, and take it out; none is lost if cancelled."""
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        return self._waiting.pop(0)

    def remove(self, job: str) -> bool:
        """Take a job out; return whether it was waiting."""
        if job not in self._waiting:
            return False
        self._waiting.remove(job)
        return True

    def position(self, job: str) -> int | None:
        """Return the place of a job, 1 being the next; None if it doesn't wait."""
        return self._waiting.index(job) + 1 if job in self._waiting else None
