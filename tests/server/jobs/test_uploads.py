from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NoReturn

import pytest
from job_runs import SONG, running_jobs, send
from waiting import PATIENCE

from autovoice_core.server.errors import ApiError
from autovoice_core.server.jobs import uploads
from autovoice_core.server.jobs.folders import Folders
from autovoice_core.server.jobs.service import JobService

Refusal = tuple[int, str, str]


def files_in(folder: Path) -> list[str]:
    """Return the files of uploads under the folder of a test, whole and half sent."""
    places = (folder / "server" / name for name in ("incoming", "uploads"))
    return sorted(path.name for place in places for path in place.iterdir())


async def refused(service: JobService, file: Path | bytes, upload: str = SONG) -> Refusal:
    with pytest.raises(ApiError) as caught:
        await send(service, file, upload)
    return caught.value.status, caught.value.code, caught.value.message


def test_a_sound_is_kept_as_it_was_sent(tmp_path: Path, vocal_file: Path) -> None:
    async def run() -> None:
        async with running_jobs(tmp_path) as service:
            upload = await send(service, vocal_file)
            assert (upload.seconds, upload.sample_rate, upload.channels) == (5.0, 22_050, 2)
            assert service.uploads.list() == [service.uploads.get(SONG)] == [upload]
            assert service.uploads.path(SONG).read_bytes() == vocal_file.read_bytes()
            assert files_in(tmp_path) == [SONG]

    asyncio.run(run())


def test_an_upload_outlives_a_restart_unless_its_file_is_gone(
    tmp_path: Path, vocal_file: Path
) -> None:
    async def run() -> None:
        async with running_jobs(tmp_path) as service:
            upload = await send(service, vocal_file)
            await send(service, vocal_file, "song0002")
            service.uploads.path("song0002").unlink()
        for _ in range(2):
            async with running_jobs(tmp_path) as service:
                assert service.uploads.list() == [upload]

    asyncio.run(run())


def test_what_a_client_who_went_away_has_sent_is_removed(tmp_path: Path, vocal_file: Path) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield vocal_file.read_bytes()[:10_000]
        assert files_in(tmp_path) == [SONG]
        raise ApiError(400, "incomplete", "gone")

    async def run() -> None:
        async with running_jobs(tmp_path) as service:
            with pytest.raises(ApiError, match="gone"):
                await service.uploads.receive(SONG, None, half())
            assert files_in(tmp_path) == []
            await send(service, vocal_file)  # the id is free again

    asyncio.run(run())


def test_what_a_server_that_was_killed_has_received_in_part_is_removed(tmp_path: Path) -> None:
    async def run() -> None:
        async with running_jobs(tmp_path):
            (tmp_path / "server" / "incoming" / SONG).write_bytes(b"half")
        async with running_jobs(tmp_path) as service:
            assert files_in(tmp_path) == []
            assert service.uploads.list() == []

    asyncio.run(run())


def test_an_id_that_is_taken_is_refused_even_while_the_first_arrives(
    tmp_path: Path, vocal_file: Path
) -> None:
    taken = (409, "taken", f"there is an upload '{SONG}' already; choose another id")

    async def run() -> None:
        going_on = asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            yield vocal_file.read_bytes()
            await going_on.wait()

        async with running_jobs(tmp_path) as service:
            first = asyncio.create_task(service.uploads.receive(SONG, None, slowly()))
            await asyncio.sleep(0)
            assert await refused(service, vocal_file) == taken
            going_on.set()
            await first
            assert await refused(service, vocal_file) == taken

    asyncio.run(run())


@pytest.mark.parametrize("upload", ["short", "..", "a/b/c/d/e", "x" * 65, "name\n1234", "été-1234"])
def test_an_id_of_another_form_is_refused(tmp_path: Path, upload: str) -> None:
    async def run() -> None:
        async with running_jobs(tmp_path) as service:
            assert await refused(service, b"", upload) == (
                422,
                "invalid",
                "id: is not 8 to 64 letters, digits, - or _; choose another",
            )

    asyncio.run(run())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the body is empty; send a sound file"),
        (b"\x89PNG" * 2000, f"{SONG}: is a picture (PNG), not a sound file; give a recording"),
        (b"text " * 2000, f"{SONG}: is text, not a sound file; give a recording"),
    ],
)
def test_what_is_no_sound_is_refused_and_removed(tmp_path: Path, data: bytes, message: str) -> None:
    async def run() -> None:
        async with running_jobs(tmp_path) as service:
            assert await refused(service, data) == (422, "unreadable", message)
            assert files_in(tmp_path) == []

    asyncio.run(run())


def test_a_sound_that_is_too_long_is_refused(tmp_path: Path, vocal_file: Path) -> None:
    async def run() -> None:
        async with running_jobs(tmp_path, upload_seconds=4) as service:
            assert await refused(service, vocal_file) == (
                413,
                "too_long",
                f"{SONG}: lasts 5 s, longer than the 4 s allowed; send a part of it",
            )

    asyncio.run(run())


def test_a_sound_that_takes_too_long_to_decode_is_refused_and_the_next_is_not(
    tmp_path: Path, vocal_file: Path
) -> None:
    async def run() -> None:
        async with running_jobs(tmp_path, decode_seconds=0.001) as service:
            assert await refused(service, vocal_file) == (
                422,
                "timeout",
                "took longer than the 0.001 s allowed; try a shorter sound",
            )
            assert files_in(tmp_path) == []
        async with running_jobs(tmp_path) as service:
            await send(service, vocal_file)

    asyncio.run(run())


def test_a_full_disk_is_told_before_the_body_is_read_where_its_length_is_known(
    tmp_path: Path, vocal_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Folders, "free_bytes", lambda _: uploads.SPARE_BYTES)

    async def run() -> None:
        async with running_jobs(tmp_path) as service:
            assert (await refused(service, vocal_file))[:2] == (507, "disk_full")

    asyncio.run(run())


def test_a_disk_that_gets_full_is_told_and_nothing_is_left(
    tmp_path: Path, vocal_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    async def run() -> None:
        sound = vocal_file.read_bytes()
        async with running_jobs(tmp_path) as service:
            with monkeypatch.context() as patch:
                patch.setattr(Path, "open", full)
                assert await refused(service, sound) == (
                    507,
                    "disk_full",
                    "the disk of the server is full; delete uploads or jobs",
                )
            assert files_in(tmp_path) == []
            await send(service, vocal_file)

    asyncio.run(run())


def test_only_so_many_arrive_at_once(
    tmp_path: Path, vocal_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_ARRIVING", 0)

    async def run() -> None:
        async with running_jobs(tmp_path) as service:
            with pytest.raises(ApiError) as caught:
                await send(service, vocal_file)
            assert (caught.value.status, caught.value.headers) == (429, {"Retry-After": "10"})

    asyncio.run(run())


def test_many_uploads_at_once_are_all_taken(tmp_path: Path, vocal_file: Path) -> None:
    async def run() -> None:
        async with running_jobs(tmp_path) as service, asyncio.timeout(PATIENCE):
            names = [f"song{number:04}" for number in range(8)]
            await asyncio.gather(*(send(service, vocal_file, name) for name in names))
            assert sorted(upload.id for upload in service.uploads.list()) == names

    asyncio.run(run())
