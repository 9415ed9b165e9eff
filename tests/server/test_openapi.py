"""The OpenAPI description against the server that it describes, by schemathesis."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from server_clients import running_server, settings_in

from autovoice_core import VoiceProfile
from autovoice_core.server.bodies import JSON
from autovoice_core.server.settings import Settings
from autovoice_core.voices import serialization

FEW = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    given = settings_in(tmp_path_factory.mktemp("server"), limits={"streams": 0})
    with running_server(given) as settings:
        yield settings


# What is valid by its form may still be refused for what it says, with 422.
NOT_CHECKED = [positive_data_acceptance]


def test_the_server_is_as_described(server: Settings, subtests: pytest.Subtests) -> None:
    """Whatever is sent, valid or not, gets an answer of a status and form that are described."""
    address = f"http://{server.host}:{server.port}/v1/openapi.json"
    for found in schemathesis.openapi.from_url(address).get_all_operations():
        operation = found.ok()
        takes_something = operation.path_parameters or operation.body
        for mode in schemathesis.GenerationMode:
            if mode.is_negative and not takes_something:
                continue

            @FEW
            @given(operation.as_strategy(generation_mode=mode))
            def check(case: schemathesis.Case) -> None:
                case.call_and_validate(excluded_checks=NOT_CHECKED)

            with subtests.test(f"{operation.method} {operation.path}, {mode.value}"):
                check()


def test_what_there_is_is_as_described(server: Settings, vocal_file: Path) -> None:
    """Files are read whole and in part, and so are things that have just been made."""
    address = f"http://{server.host}:{server.port}/v1/openapi.json"
    described = schemathesis.openapi.from_url(address)

    def call(method: str, path: str, status: int, **given: Any) -> None:
        parameters = {"id": "song0001", "name": "Ada"}
        names = {name: value for name, value in parameters.items() if f"{{{name}}}" in path}
        case = described[path][method].Case(path_parameters=names, **given)
        assert case.call_and_validate().status_code == status

    ranges = {"bytes=0-5": 206, "bytes=-5": 206, "bytes=x": 400, "bytes=99999999-": 416}
    content, events = "/v1/uploads/{id}/content", "/v1/jobs/{id}/events"
    sound, octets = vocal_file.read_bytes(), {"media_type": "application/octet-stream"}
    call("PUT", "/v1/uploads/{id}", 201, body=sound, **octets)
    call("PUT", "/v1/uploads/{id}", 409, body=sound, **octets)
    call("GET", "/v1/uploads", 200)
    call("GET", content, 200)
    for asked, status in ranges.items():
        call("GET", content, status, headers={"Range": asked})
    call("GET", events, 404, headers={"Last-Event-ID": "7"})
    voice = VoiceProfile("Ada", {}, "retrieval/1", (100.0, 200.0, 300.0), -20, 9, ())
    call("PUT", "/v1/voices/{name}", 201, body=serialization.dumps(voice), **octets)
    call("GET", "/v1/voices/{name}/export", 200)
    call("PATCH", "/v1/voices/{name}", 200, body={"style": {"key": 1}}, media_type=JSON)
    call("DELETE", "/v1/voices/{name}", 204)
    call("DELETE", "/v1/uploads/{id}", 204)
