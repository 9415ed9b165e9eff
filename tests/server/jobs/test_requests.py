from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from autovoice_core.server.errors import ApiError
from autovoice_core.server.jobs.requests import OPTIONS, check, given_options, require_voice
from autovoice_core.server.jobs.schemas import EnrolRequest, JobOptions, JobRequest, JobSource
from autovoice_core.voices.storage import VoiceProfileStorage

SOURCE = JobSource(upload="song0001")


def refusal(request: JobRequest) -> tuple[int, str, str | None]:
    with pytest.raises(ApiError) as caught:
        check(request)
    return caught.value.status, caught.value.message, caught.value.field


@pytest.mark.parametrize(
    "request_",
    [
        JobRequest("convert", SOURCE, "Ada", JobOptions(key="auto", breath="keep", report=True)),
        JobRequest("separate", SOURCE, options=JobOptions(backends={"separation": "cpu/wrpca"})),
        JobRequest("pitch", JobSource(job="job00001", output="vocals")),
        JobRequest("pitch", SOURCE, options=JobOptions(separate=True, device="auto")),
    ],
)
def test_a_request_whose_parts_fit_is_taken(request_: JobRequest) -> None:
    check(request_)


def test_a_conversion_needs_a_voice() -> None:
    assert refusal(JobRequest("convert", SOURCE)) == (
        422,
        "voice: name the voice to convert to",
        "voice",
    )


def test_no_other_job_takes_a_voice() -> None:
    assert refusal(JobRequest("separate", SOURCE, "Ada")) == (
        422,
        "voice: a job of kind 'separate' takes none; leave it out",
        "voice",
    )


def test_an_option_of_another_kind_is_refused() -> None:
    assert refusal(JobRequest("pitch", SOURCE, options=JobOptions(key=3))) == (
        422,
        "options.key: a job of kind 'pitch' has no such option; it has backends, device, separate, "
        "settings",
        "options.key",
    )


def test_every_option_belongs_to_a_kind() -> None:
    assert set.union(*OPTIONS.values()) == set(JobOptions.__struct_fields__)


@pytest.mark.parametrize("source", [JobSource(), JobSource(upload="song0001", job="job00001")])
def test_there_is_one_source(source: JobSource) -> None:
    assert refusal(JobRequest("separate", source)) == (
        422,
        "source: give either an upload, or a job and the name of its output",
        "source",
    )


@pytest.mark.parametrize(
    "source", [JobSource(job="job00001"), JobSource(upload="song0001", output="vocals")]
)
def test_a_job_and_its_output_go_together(source: JobSource) -> None:
    assert refusal(JobRequest("separate", source)) == (
        422,
        "source.output: goes with the id of a job, and such an id with it",
        "source.output",
    )


def test_only_options_that_are_given_go_to_the_worker() -> None:
    assert given_options(JobOptions(key=0.0, vocals_only=False)) == {"key": 0.0}


@pytest.mark.parametrize(
    "body",
    [
        b'{"kind":"enrol","source":{"upload":"song0001"}}',
        b'{"kind":"convert","source":{"upload":"../../etc"}}',
        b'{"kind":"convert","source":{"upload":"song0001"},"options":{"key":25}}',
        b'{"kind":"convert","source":{"upload":"song0001"},"options":{"key":"high"}}',
        b'{"kind":"convert","source":{"upload":"song0001"},"options":{"key":true}}',
        b'{"kind":"convert","source":{"upload":"song0001"},"options":{"strength":1e400}}',
        b'{"kind":"convert","source":{"upload":"song0001"},"options":{"breth":"keep"}}',
        b'{"kind":"convert","source":{"upload":"song0001"},"options":{"backends":{"x":"y"}}}',
        b'{"kind":"pitch","source":{"upload":"song0001"},"options":{"device":"cuda:0"}}',
        b'{"kind":"pitch","source":{"upload":"song0001"},"options":{"settings":{"x.y":[1]}}}',
        b'{"kind":"convert","source":{"upload":"song0001"},"path":"/etc/passwd"}',
    ],
)
def test_what_is_of_another_form_is_no_request(body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=JobRequest)


def test_a_voice_is_made_from_one_upload_or_more() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"name":"Ada","uploads":[]}', type=EnrolRequest)
    request = msgspec.json.decode(b'{"name":"Ada","uploads":["take0001"]}', type=EnrolRequest)
    assert (request.voice, request.sources) == ("Ada", [JobSource(upload="take0001")])


@pytest.mark.parametrize("name", ["nobody", "two\nlines"])
def test_a_voice_that_isnt_there_is_refused_without_a_word_on_the_server_s_files(
    tmp_path: Path, name: str
) -> None:
    voices = VoiceProfileStorage(tmp_path / "voices.db")
    with pytest.raises(ApiError) as caught:
        asyncio.run(require_voice(voices, name))
    assert (caught.value.status, caught.value.code) == (422, "voice_unknown")
    assert caught.value.message == f"there is no voice {name!r}; GET /v1/voices lists all"
    assert caught.value.field == "voice"
