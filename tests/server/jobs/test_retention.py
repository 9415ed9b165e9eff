from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from job_runs import RunWithSong, pitch_of, running_jobs, send, until

from autovoice_core.server.errors import ApiError
from autovoice_core.server.jobs.retention import Stored, expired
from autovoice_core.server.jobs.service import JobService

DAY = 86_400.0


def stored(name: str, age: float, size: int = 10, *, in_use: bool = False) -> Stored:
    return Stored("upload", name, age, size, in_use)


def removed(*everything: Stored, age: float = 100, size: int = 1000, count: int = 99) -> list[str]:
    found = expired(everything, max_age_seconds=age, max_bytes=size, max_count=count)
    return [each.id for each in found]


def test_what_is_too_old_goes_and_the_rest_stays() -> None:
    assert removed(stored("new", 1), stored("old", 101), stored("older", 200)) == ["older", "old"]


def test_the_oldest_go_until_the_rest_is_small_enough() -> None:
    everything = [stored("a", 3, 400), stored("b", 2, 400), stored("c", 1, 400)]
    assert removed(*everything, size=800) == ["a"]
    assert removed(*everything, size=799) == ["a", "b"]


def test_the_oldest_go_where_there_are_too_many() -> None:
    assert removed(*(stored(str(age), age, 0) for age in range(5)), count=3) == ["4", "3"]


def test_what_is_in_use_stays_however_old_and_large() -> None:
    assert removed(stored("used", 500, 5000, in_use=True), stored("new", 1)) == ["new"]


@given(
    st.lists(st.tuples(st.floats(0, 200), st.integers(0, 500), st.booleans()), max_size=20),
    st.integers(0, 2000),
)
def test_what_is_left_is_young_and_small_unless_it_is_in_use(
    things: list[tuple[float, int, bool]], size: int
) -> None:
    everything = [stored(str(i), *thing[:2], in_use=thing[2]) for i, thing in enumerate(things)]
    gone = expired(everything, max_age_seconds=100, max_bytes=size, max_count=99)
    left = [each for each in everything if each not in gone]
    free = [each for each in left if not each.in_use]
    assert all(each.age_seconds <= 100 for each in free)
    assert sum(each.bytes for each in left) <= size or not free


def test_an_upload_and_a_result_go_when_newer_ones_need_their_place(
    tmp_path: Path, vocal_file: Path
) -> None:
    async def run() -> None:
        size = vocal_file.stat().st_size
        async with running_jobs(tmp_path, stored_bytes=2 * size) as service:
            await send(service, vocal_file)
            job = await service.submit(pitch_of())
            await until(service, job.id)
            await send(service, vocal_file, "song0002")
            while [upload.id for upload in service.uploads.list()] != ["song0002"]:
                await asyncio.sleep(0.01)
            assert [file.name for file in (tmp_path / "server" / "uploads").iterdir()] == [
                "song0002"
            ]

    asyncio.run(run())


def test_a_clock_that_jumps_ahead_removes_nothing(
    monkeypatch: pytest.MonkeyPatch, with_song: RunWithSong
) -> None:
    async def run(service: JobService) -> None:
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 400 * DAY)
        await service._retention.sweep()
        service.uploads.get("song0001")
        # By the clock that nobody sets, two days have gone.
        began = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: began + 2 * DAY)
        await service._retention.sweep()
        monkeypatch.undo()
        with pytest.raises(ApiError, match="there is no upload"):
            service.uploads.get("song0001")

    with_song(run, stored_days=1)
