"""Backends, settings and devices that no job could use are refused before it is queued."""

from __future__ import annotations

from pathlib import Path

import pytest
from job_runs import RunWithSong, refused
from toy_plugin import installed_toy

from autovoice_core.backends.plugins.host import Host
from autovoice_core.backends.plugins.registry import Registry, using_registry
from autovoice_core.server.errors import ApiError
from autovoice_core.server.jobs.backend_options import check_backends
from autovoice_core.server.jobs.schemas import JobOptions, JobRequest, JobSource
from autovoice_core.server.jobs.service import JobService

SOURCE = JobSource(upload="song0001")
TOYS = """
from attrs import frozen
from autovoice_core.backends import Licence, Offer, hookimpl, setting

@frozen
class Knobs:
    threshold: float = setting(0.5, help="a share", low=0.0, high=1.0)

@hookimpl
def autovoice_pitch_estimators():
    yield Offer(name="knobs", load="toynet.opening:x", devices=("cpu",), licence=Licence("MIT"),
                settings=Knobs)
    yield Offer(name="bare", load="toynet.opening:x", devices=("cpu",), licence=Licence("MIT"))
    yield Offer(name="lame", load="toynet.opening:x", devices=("cpu",), licence=Licence("MIT"),
                imports=("a_module_of_nobody",))
"""


def pitch(**options: object) -> JobRequest:
    return JobRequest("pitch", SOURCE, options=JobOptions(**options))  # type: ignore[arg-type]


def refusal(request: JobRequest) -> tuple[str | None, str]:
    with pytest.raises(ApiError) as caught:
        check_backends(request)
    assert (caught.value.status, caught.value.code) == (422, "invalid")
    return caught.value.field, caught.value.message


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Pitch trackers of a plugin that can't be opened, as nothing here needs to open them."""
    with installed_toy(tmp_path / "site", monkeypatch, TOYS, "raise RuntimeError('opened')"):
        yield


@pytest.mark.usefixtures("toys")
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"device": "auto"},
        {"device": "cpu", "backends": {"pitch": "toy/bare"}},
        {"backends": {"pitch": "toy/knobs"}, "settings": {"pitch.threshold": 1}},
        {"settings": {"pitch.threshold": 0.25}},
        # Not of this job.
        {"backends": {"separation": "toy/unheard"}, "settings": {"conversion.x": 1}},
    ],
)
def test_what_a_backend_can_do_is_taken_and_none_is_opened(options: dict[str, object]) -> None:
    check_backends(pitch(**options))


@pytest.mark.usefixtures("toys")
def test_a_backend_that_is_not_there_is_refused_with_those_that_are() -> None:
    assert refusal(pitch(backends={"pitch": "toy/knob"})) == (
        "options.backends.pitch",
        "options.backends.pitch: backend 'toy/knob', named by the option options.backends.pitch, "
        "is not among the offers for pitch (did you mean 'toy/knobs'?): known are reference/nccf, "
        "toy/bare, toy/knobs, toy/lame",
    )


@pytest.mark.usefixtures("toys")
def test_a_backend_that_lacks_a_package_is_refused_with_the_reason() -> None:
    assert refusal(pitch(backends={"pitch": "toy/lame"})) == (
        "options.backends.pitch",
        "options.backends.pitch: can't serve the job: toy/lame (toynet 1.0) needs "
        "a_module_of_nobody, not installed for this Python",
    )


def test_a_device_that_nobody_offers_is_refused_with_those_that_are() -> None:
    assert refusal(pitch(device="abacus")) == (
        "options.device",
        "options.device: nobody offers a device 'abacus': known are cuda, rocm, metal, cpu, of "
        "which this machine has cpu",
    )


def test_a_device_that_the_machine_lacks_is_refused_with_those_that_it_has() -> None:
    assert refusal(pitch(device="cuda")) == (
        "options.device",
        "options.device: this machine has no cuda device; it has cpu",
    )


@pytest.mark.parametrize(
    ("backends", "field", "head"),
    [
        ({}, "options.device", "no backend serves pitch on cuda"),
        ({"pitch": "reference/nccf"}, "options.backends.pitch", "can't serve the job"),
    ],
)
def test_a_device_that_no_backend_of_the_job_runs_on_is_refused(
    backends: dict[str, str], field: str, head: str
) -> None:
    with using_registry(Registry(host=Host(("cuda", "cpu"), ("cuda", "cpu")))):
        assert refusal(pitch(backends=backends, device="cuda")) == (
            field,
            f"{field}: {head}: reference/nccf (reference-backend 1.0) runs on cpu, not on cuda",
        )


@pytest.mark.usefixtures("toys")
def test_a_setting_that_the_named_backend_has_not_is_refused() -> None:
    request = pitch(backends={"pitch": "toy/bare"}, settings={"pitch.threshold": 0.5})
    assert refusal(request) == (
        "options.settings.pitch.threshold",
        "options.settings.pitch.threshold: toy/bare has no such setting, given by the option "
        "settings; it has none",
    )


@pytest.mark.usefixtures("toys")
def test_a_setting_that_no_backend_has_is_refused() -> None:
    assert refusal(pitch(settings={"pitch.treshold": 0.5})) == (
        "options.settings.pitch.treshold",
        "options.settings.pitch.treshold: no backend that may be chosen has treshold; toy/knobs "
        "has threshold",
    )


@pytest.mark.usefixtures("toys")
def test_a_value_out_of_range_is_refused_with_the_range() -> None:
    request = pitch(backends={"pitch": "toy/knobs"}, settings={"pitch.threshold": 2})
    assert refusal(request) == (
        "options.settings.pitch.threshold",
        "options.settings.pitch.threshold: 2, given by the option settings, is not a number from "
        "0 to 1; 0.5 is the default",
    )


def test_a_setting_without_an_operation_is_refused() -> None:
    assert refusal(pitch(settings={"threshold": 0.5})) == (
        "options.settings",
        "options.settings: 'threshold', given by the option settings, is not OPERATION.NAME=VALUE "
        "with OPERATION one of separation, pitch, conversion, speech; write "
        "separation.overlap=0.5 for example",
    )


def test_what_the_server_s_own_environment_names_in_vain_is_left_to_the_job(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AUTOVOICE_PITCH", "cpu/unheard")
    check_backends(pitch(settings={"pitch.threshold": 0.5}))


def test_no_job_is_queued_of_a_request_that_is_refused(with_song: RunWithSong) -> None:
    async def run(service: JobService) -> None:
        error = await refused(service, pitch(device="abacus"))
        assert (error.status, error.field) == (422, "options.device")
        assert service.list() == []

    with_song(run)
