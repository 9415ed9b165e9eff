"""The OpenAPI description against the server that it describes, by schemathesis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from server_clients import running_server, settings_in

from autovoice_core.server.settings import Settings

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
