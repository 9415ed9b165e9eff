from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from job_runs import (
    SONG,
    RunWithSong,
    is_alive,
    pitch_of,
    refused,
    stopped_worker,
    until,
    work_left,
)
from msgspec.structs import replace

from autovoice_core import StorageError, VoiceProfileStorage
from autovoice_core.server.errors import ApiError
from autovoice_core.server.jobs.schemas import EnrolRequest, JobOptions, JobRequest, JobSource
from autovoice_core.server.jobs.service import JobService

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="finds worker processes by /proc"
)


def test_a_job_that_runs_is_cancelled_with_its_process(
    tmp_path: Path, with_song: RunWithSong
) -> None:
    async def run(service: JobService) -> None:
        pid = await stopped_worker()
        job = await service.submit(pitch_of())
        await until(service, job.id, "running")
        assert (await service.cancel(job.id)).state == "cancelled"
        assert not is_alive(pid)
        assert work_left(tmp_path) == []
        again = await service.submit(pitch_of())
        assert (await until(service, again.id)).state == "done"

    with_song(run)


def test_jobs_that_wait_know_their_place_and_can_be_cancelled(with_song: RunWithSong) -> None:
    async def run(service: JobService) -> None:
        await stopped_worker()
        jobs = [await service.submit(pitch_of()) for _ in range(4)]
        await until(service, jobs[0].id, "running")
        places = [service.get(job.id).position_in_queue for job in jobs]
        assert places == [None, 1, 2, 3]
        assert (await service.cancel(jobs[2].id)).state == "cancelled"
        places = [service.get(job.id).position_in_queue for job in jobs]
        assert places == [None, 1, None, 2]
        with pytest.raises(ApiError) as caught:
            await service.delete(jobs[1].id)
        assert (caught.value.status, caught.value.code) == (409, "unfinished")

    with_song(run)


def test_a_full_queue_is_told_with_a_time_to_try_again(with_song: RunWithSong) -> None:
    async def run(service: JobService) -> None:
        await stopped_worker()
        running = await service.submit(pitch_of())
        await until(service, running.id, "running")
        waiting = [await service.submit(pitch_of()) for _ in range(2)]
        error = await refused(service, pitch_of())
        assert (error.status, error.code, error.message, error.headers) == (
            429,
            "queue_full",
            "2 jobs are waiting already; try again later",
            {"Retry-After": "5"},
        )
        await service.cancel(waiting[0].id)
        await service.submit(pitch_of())

    with_song(run, queue=2)


def test_what_a_job_works_on_is_not_removed(tmp_path: Path, with_song: RunWithSong) -> None:
    async def run(service: JobService) -> None:
        separated = await service.submit(JobRequest("separate", JobSource(upload=SONG)))
        await until(service, separated.id)
        await stopped_worker()
        waiting = [
            await service.submit(pitch_of()),
            await service.submit(JobRequest("pitch", JobSource(job=separated.id, output="vocals"))),
        ]
        for removal in (service.delete_upload(SONG), service.delete(separated.id)):
            with pytest.raises(ApiError) as caught:
                await removal
            assert (caught.value.status, caught.value.code) == (409, "in_use")
        for job in waiting:
            await service.cancel(job.id)
        await service.delete_upload(SONG)
        await service.delete(separated.id)
        assert work_left(tmp_path) == []

    with_song(run)


@pytest.mark.parametrize(
    ("request_", "code", "field"),
    [
        (pitch_of("unknown1"), "upload_unknown", "source"),
        (JobRequest("pitch", JobSource(job="unknown1", output="vocals")), "job_unknown", "source"),
        (JobRequest("convert", JobSource(upload=SONG), "Adda"), "voice_unknown", "voice"),
        (EnrolRequest("Eva", [SONG, "unknown1"]), "upload_unknown", "uploads[1]"),
        (JobRequest("pitch", JobSource(upload=SONG), options=JobOptions(key=1)), "invalid", None),
    ],
)
def test_a_request_for_what_isnt_there_is_refused(
    voice_file: Path, request_: JobRequest, code: str, field: str | None, with_song: RunWithSong
) -> None:
    async def run(service: JobService) -> None:
        error = await refused(service, request_)
        assert (error.status, error.code) == (422, code)
        assert field in (error.field, None)
        assert service.list() == []

    with_song(run, db=voice_file)


def test_a_name_that_is_taken_is_refused_before_any_work(
    voice_file: Path, with_song: RunWithSong
) -> None:
    async def run(service: JobService) -> None:
        with pytest.raises(StorageError, match="a voice called 'Ada' already exists"):
            await service.submit(EnrolRequest("Ada", [SONG]))

    with_song(run, db=voice_file)


def test_a_track_is_no_source(with_song: RunWithSong) -> None:
    async def run(service: JobService) -> None:
        job = await until(service, (await service.submit(pitch_of())).id)
        error = await refused(service, JobRequest("pitch", JobSource(job=job.id, output="pitch")))
        assert error.message == "source.output: 'pitch' is no sound"

    with_song(run)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_voice_whose_database_has_no_such_voice_any_more_fails_the_job(
    voice_file: Path, with_song: RunWithSong
) -> None:
    async def run(service: JobService) -> None:
        request = replace(pitch_of(), kind="convert", voice="Ada")
        pid = await stopped_worker()
        job = await service.submit(request)
        VoiceProfileStorage(voice_file).remove("Ada")
        os.kill(pid, signal.SIGCONT)
        ended = await until(service, job.id)
        assert ended.error is not None
        assert ended.error.code == "voices"
        assert ended.error.message.startswith("unknown voice 'Ada'")

    with_song(run, db=voice_file)
