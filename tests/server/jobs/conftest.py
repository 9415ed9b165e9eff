from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from job_runs import RunWithSong, running_jobs, send

from autovoice_core.server.jobs.service import JobService


@pytest.fixture
def with_song(tmp_path: Path, vocal_file: Path) -> RunWithSong:
    """Runs a coroutine on a service of jobs, to which the upload ``SONG`` was sent."""

    def run(
        work: Callable[[JobService], Awaitable[None]], db: Path | None = None, **limits: Any
    ) -> None:
        async def in_service() -> None:
            async with running_jobs(tmp_path, db, **limits) as service:
                await send(service, vocal_file)
                await work(service)

        asyncio.run(in_service())

    return run
