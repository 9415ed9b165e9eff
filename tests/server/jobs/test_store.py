from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from attrs import evolve
from msgspec.structs import replace

from autovoice_core import StorageError
from autovoice_core.server.jobs.schemas import (
    EnrolRequest,
    Job,
    JobOptions,
    JobRequest,
    JobSource,
    Upload,
)
from autovoice_core.server.jobs.store import FORMAT, JobStore, StoredJob

JOB = Job(id="job00001", kind="convert", state="queued", created="2026-01-01T00:00:00+00:00")
REQUEST = JobRequest(
    "convert", JobSource(upload="song0001"), "Ada", JobOptions(key=-3, report=True)
)
STORED = StoredJob(JOB, REQUEST, attempts=1, last_event=1_000_003)
UPLOAD = Upload("song0001", 5, 1.5, 44_100, 2, "audio/flac", "2026-01-01T00:00:00+00:00")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobs.db"


def refusal(path: Path) -> str:
    with pytest.raises(StorageError) as caught:
        JobStore(path)
    return str(caught.value)


def test_what_is_written_is_there_in_another_process_later(path: Path) -> None:
    enrolment = StoredJob(replace(JOB, id="job00002"), EnrolRequest("Ada", ["song0001"]), 0, 0)
    with closing(JobStore(path)) as store:
        store.save_job(STORED)
        store.save_job(enrolment)
        store.save_upload(UPLOAD)
        with closing(JobStore(path)) as other:
            assert other.jobs() == [STORED, enrolment]
            assert other.uploads() == [UPLOAD]


def test_a_job_that_changes_keeps_its_place(path: Path) -> None:
    with closing(JobStore(path)) as store:
        store.save_job(STORED)
        store.save_job(evolve(STORED, job=replace(JOB, id="job00002")))
        changed = evolve(STORED, job=replace(JOB, state="done"), attempts=2)
        store.save_job(changed)
        assert [each.job.id for each in store.jobs()] == ["job00001", "job00002"]
        assert store.jobs()[0] == changed


def test_what_is_removed_is_gone_and_what_is_not_there_may_be_removed(path: Path) -> None:
    with closing(JobStore(path)) as store:
        store.save_job(STORED)
        store.save_upload(UPLOAD)
        for table in ("jobs", "uploads", "jobs"):
            store.remove(table, "job00001")
        store.remove("uploads", "song0001")
        assert (store.jobs(), store.uploads()) == ([], [])


def test_every_start_has_a_number_of_its_own(path: Path) -> None:
    numbers = []
    for _ in range(3):
        with closing(JobStore(path)) as store:
            numbers.append(store.next_boot())
    assert numbers == [1, 2, 3]


def test_a_newer_database_is_refused(path: Path) -> None:
    JobStore(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
    assert refusal(path) == (
        f"{path}: made by a newer AutoVoice (format {FORMAT + 1}, this one reads up to {FORMAT}); "
        "upgrade autovoice-core or choose another folder"
    )


def test_the_database_of_another_program_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    assert refusal(path) == f"{path}: another program's database; choose another folder"


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)
    assert refusal(path) == (
        f"{path}: the database of jobs can't be used (file is not a database); move it away"
    )


def test_a_damaged_row_is_told(path: Path) -> None:
    with closing(JobStore(path)) as store:
        store.save_job(STORED)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE jobs SET job = '{}'")
            connection.commit()
        with pytest.raises(StorageError) as caught:
            store.jobs()
    assert str(caught.value) == (
        f"{path}: the database of jobs can't be used (Object missing required field `id`); "
        "move it away"
    )


def test_a_full_disk_is_told(path: Path) -> None:
    with closing(JobStore(path)) as store:
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count = {pages}")
        large = evolve(STORED, job=replace(JOB, summary={"text": "x" * 100_000}))
        with pytest.raises(StorageError) as caught:
            store.save_job(large)
    assert str(caught.value) == (
        f"{path}: writing stopped (database or disk is full); free some space on the disk"
    )
