"""The pool of processes: one spare, places that are given back, and processes that don't start."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from live_servers import ThreadProcess
from server_clients import settings_in

from autovoice_core.server.metrics import Metrics
from autovoice_core.server.stream import sessions
from autovoice_core.server.stream.codes import CloseCode, StreamRefusal
from autovoice_core.server.stream.sessions import Sessions


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[ThreadProcess]:
    """The processes that are made, which are threads."""
    monkeypatch.setattr(sessions, "StreamProcess", ThreadProcess)
    monkeypatch.setattr(ThreadProcess, "all", [])
    return ThreadProcess.all


def pool(folder: Path, streams: int = 2) -> Sessions:
    return Sessions(settings_in(folder, limits={"streams": streams}), Metrics())


def ignored(_: str) -> None:
    """Say nothing to a client that is not there."""


def test_the_spare_process_is_taken_first_and_made_anew(
    tmp_path: Path, made: list[ThreadProcess]
) -> None:
    async def run() -> None:
        open_streams = pool(tmp_path)
        await open_streams.start()
        async with open_streams.process(ignored) as first:
            assert made == [first]
            open_streams.warm_spare()
            async with open_streams.process(ignored) as second:
                assert made == [first, second]
                open_streams.warm_spare()  # no third stream may come
                await asyncio.sleep(0)
                assert len(made) == 2
        await open_streams.close_all("enough")
        assert not any(each.is_running for each in made)

    asyncio.run(run())


def test_a_spare_that_died_is_not_given_to_a_client(
    tmp_path: Path, made: list[ThreadProcess]
) -> None:
    async def run() -> None:
        open_streams = pool(tmp_path)
        await open_streams.start()
        await asyncio.sleep(0)
        await made[0].stop()
        async with open_streams.process(ignored) as process:
            assert process is made[1]
        await open_streams.close_all("enough")

    asyncio.run(run())


def test_goodbye_is_said_to_all_and_no_more_are_taken(
    tmp_path: Path, made: list[ThreadProcess]
) -> None:
    async def run() -> list[str]:
        open_streams, reasons = pool(tmp_path), list[str]()
        leave = asyncio.Event()

        def go(reason: str) -> None:
            reasons.append(reason)
            leave.set()

        async def stream(goodbye: Callable[[str], None]) -> None:
            async with open_streams.process(goodbye):
                await leave.wait()

        tasks = [asyncio.create_task(stream(go)) for _ in range(2)]
        await asyncio.sleep(0)
        await open_streams.close_all("enough")
        await asyncio.gather(*tasks)
        assert not any(each.is_running for each in made)
        with pytest.raises(StreamRefusal) as refusal:
            await stream(ignored)
        assert refusal.value.code is CloseCode.GOING_AWAY
        return reasons

    assert asyncio.run(run()) == ["enough", "enough"]


def test_where_no_process_can_be_started_the_client_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_: Path) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(sessions.StreamProcess, "start", fails)

    async def run() -> StreamRefusal:
        open_streams = pool(tmp_path, streams=1)
        with pytest.raises(StreamRefusal) as refusal:
            async with open_streams.process(ignored):
                raise AssertionError
        await open_streams.close_all("enough")
        return refusal.value

    refusal = asyncio.run(run())
    assert (refusal.code, refusal.message) == (
        CloseCode.FAILED,
        "no process could be started (Resource temporarily unavailable); try again later",
    )
