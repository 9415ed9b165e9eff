"""``Database``: the :class:`JobStore` used from an event loop, which never waits for the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from autovoice_core.server.jobs.store import JobStore

P = ParamSpec("P")
T = TypeVar("T")


class Database:
    """A :class:`JobStore` on a thread of its own, which does one thing after the other."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="autovoice-database")
        self._store: JobStore | None = None

    async def open(self, path: Path) -> None:
        """Open the store; refuses as :class:`JobStore` does."""
        loop = asyncio.get_running_loop()
        self._store = await loop.run_in_executor(self._thread, JobStore, path)

    async def call(
        self, method: Callable[Concatenate[JobStore, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what a method of the store returns; it goes on though the caller is cancelled."""
        if self._store is None:
            raise RuntimeError("the database is not open")
        store, loop = self._store, asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: method(store, *args, **kwargs))

    def close(self) -> None:
        """Close the store once everything begun is done."""
        self._thread.shutdown(wait=True)
        if self._store is not None:
            self._store.close()
            self._store = None
