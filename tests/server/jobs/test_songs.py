from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
from job_runs import SONG, running_jobs, send, until

from autovoice_core import Audio, VoiceProfileStorage
from autovoice_core.server.jobs.schemas import (
    EnrolRequest,
    Job,
    JobOptions,
    JobRequest,
    JobSource,
    JobState,
)
from autovoice_core.synthetic import truth

Files = dict[str, Path]


def run_job(
    folder: Path,
    sound: Path,
    request: JobRequest | EnrolRequest,
    db: Path | None = None,
    state: JobState = "done",
) -> tuple[Job, Files]:
    """Return a job on ``sound`` once it has ended in ``state``, and its files."""

    async def run() -> tuple[Job, Files]:
        async with running_jobs(folder, db) as service:
            await send(service, sound)
            job = await until(service, (await service.submit(request)).id)
            assert job.state == state, job.error
            names = [output.name for output in job.outputs]
            return job, {name: service.output_path(job.id, name)[0] for name in names}

    return asyncio.run(run())


def f0_of(track: Path) -> np.ndarray:
    rows = np.loadtxt(track, delimiter=",", skiprows=1)
    return rows[rows[:, 2] > 0, 1]


def key_between(before: Path, after: Path) -> float:
    """Return the semitones from one track to another, by the frames that are voiced in both."""
    first, second = (np.loadtxt(track, delimiter=",", skiprows=1) for track in (before, after))
    both = (first[:, 2] > 0) & (second[:, 2] > 0)
    return float(np.median(12 * np.log2(second[both, 1] / first[both, 1])))


def test_a_song_is_converted_and_its_stems_and_pitch_are_kept(
    tmp_path: Path, song_file: Path, voice_file: Path
) -> None:
    options = JobOptions(key=12, strength=0.8)
    request = JobRequest("convert", JobSource(upload=SONG), "Ada", options)
    job, files = run_job(tmp_path, song_file, request, voice_file)
    assert list(files) == [
        "result",
        "vocals",
        "accompaniment",
        "converted",
        "pitch",
        "pitch_converted",
    ]
    song = Audio.load(song_file)
    assert Audio.load(files["result"]).frames == song.frames
    stems = sum(Audio.load(files[stem]).numpy() for stem in ("vocals", "accompaniment"))
    np.testing.assert_allclose(stems, song.numpy(), atol=1e-4)
    assert key_between(files["pitch"], files["pitch_converted"]) == pytest.approx(12, abs=0.2)
    assert job.summary["key"] == 12
    assert job.summary["style"]["strength"] == 0.8
    assert [each.operation for each in job.backends] == ["separation", "pitch", "conversion"]
    assert all(each.why.startswith("ranks first") for each in job.backends)
    assert all(output.bytes == files[output.name].stat().st_size for output in job.outputs)
    assert not list(files["result"].parent.glob(".*"))
    assert not (files["result"].parent / SONG).exists()


def test_a_voice_alone_is_converted_without_separation_and_reported_on(
    tmp_path: Path, vocal_file: Path, voice_file: Path
) -> None:
    options = JobOptions(vocals_only=True, report=True)
    request = JobRequest("convert", JobSource(upload=SONG), "Ada", options)
    job, files = run_job(tmp_path, vocal_file, request, voice_file)
    assert set(files) == {"result", "vocals", "converted", "pitch", "pitch_converted", "report"}
    assert [each.operation for each in job.backends] == ["pitch", "conversion"]
    page = files["report"].read_text()
    assert SONG in page
    assert str(tmp_path) not in page


def test_a_song_is_separated(tmp_path: Path, song_file: Path) -> None:
    job, files = run_job(tmp_path, song_file, JobRequest("separate", JobSource(upload=SONG)))
    stems = [Audio.load(files[stem]).numpy() for stem in ("vocals", "accompaniment")]
    np.testing.assert_allclose(sum(stems), Audio.load(song_file).numpy(), atol=1e-4)
    assert [output.media_type for output in job.outputs] == ["audio/flac"] * 2


def test_the_pitch_of_a_song_is_that_of_its_vocals(
    tmp_path: Path, song_file: Path, short_song: truth.Song
) -> None:
    options = JobOptions(separate=True)
    request = JobRequest("pitch", JobSource(upload=SONG), options=options)
    job, files = run_job(tmp_path, song_file, request)
    assert list(files) == ["pitch"]
    assert list(files["pitch"].parent.iterdir()) == [files["pitch"]]
    assert job.summary["median_hz"] == pytest.approx(np.median(f0_of(files["pitch"])), abs=0.1)
    assert [each.operation for each in job.backends] == ["separation", "pitch"]


def test_an_output_is_the_source_of_another_job(
    tmp_path: Path, song_file: Path, voice_file: Path
) -> None:
    async def run() -> None:
        async with running_jobs(tmp_path, voice_file) as service:
            await send(service, song_file)
            first = await service.submit(JobRequest("separate", JobSource(upload=SONG)))
            await until(service, first.id)
            source = JobSource(job=first.id, output="vocals")
            second = await service.submit(JobRequest("pitch", source))
            assert (await until(service, second.id)).state == "done"
            assert second.source == source

    asyncio.run(run())


def test_a_voice_is_made_from_uploads(tmp_path: Path) -> None:
    take, db = tmp_path / "take.flac", tmp_path / "voices.db"
    truth.sing(truth.SOPRANO, seconds=14, sample_rate=16_000, seed=5).audio.save(take)
    request = EnrolRequest("Eva", [SONG, SONG], consent="hers, by letter")
    job, files = run_job(tmp_path, take, request, db)
    assert files == {}
    assert (job.voice, job.summary["voice"]) == ("Eva", "Eva")
    profile = VoiceProfileStorage(db).get("Eva")
    assert profile.consent == "hers, by letter"
    assert [recording.name for recording in profile.recordings] == [SONG]
    low, high = job.summary["range_hz"]
    assert (low, high) == pytest.approx((profile.f0_range.p5, profile.f0_range.p95), abs=0.1)


def test_a_sound_without_singing_fails_with_the_id_and_not_the_path(
    tmp_path: Path, voice_file: Path
) -> None:
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, (1, 32_000)).astype(np.float32)
    sound = tmp_path / "noise.flac"
    Audio(noise, 16_000).save(sound)
    options = JobOptions(vocals_only=True)
    request = JobRequest("convert", JobSource(upload=SONG), "Ada", options)
    job, _ = run_job(tmp_path, sound, request, voice_file, "failed")
    assert job.error is not None
    assert job.error.code == "invalid"
    assert job.error.message.startswith(f"{SONG}: no singing found")


@pytest.mark.parametrize(
    ("variable", "value"), [("AUTOVOICE_MEMORY_LIMIT", "1 MB"), ("AUTOVOICE_THREADS", "few")]
)
def test_a_job_obeys_the_limits_of_the_environment(
    tmp_path: Path, song_file: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    request = JobRequest("separate", JobSource(upload=SONG))
    job, _ = run_job(tmp_path, song_file, request, state="failed")
    assert job.error is not None
    assert job.error.code == "invalid"
    assert variable in job.error.message
