"""Clients that read no answer before they have sent all get to know why they are refused."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator

import pytest
from server_clients import request, running_server, settings_in

from autovoice_core.server.settings import Settings

BODY_BYTES = 20_000_000
LIMITS = {"streams": 0, "voice_bytes": 1000, "linger_seconds": 5.0, "body_grace_seconds": 2.0}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("server")
    with running_server(settings_in(folder, limits=LIMITS)) as settings:
        yield settings


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/v1/voices/x", {}, 413),
        ("/v1/voices/x", {"Origin": "http://evil.example"}, 403),
        ("/nothing", {}, 404),
    ],
)
def test_a_client_that_sends_all_first_reads_the_answer(
    server: Settings, path: str, headers: dict[str, str], status: int
) -> None:
    answer = request(server, "PUT", path, bytes(BODY_BYTES), headers)
    assert answer.status == status
    assert answer.error["message"]


def test_the_connection_can_be_used_again(server: Settings) -> None:
    client = http.client.HTTPConnection(server.host, server.port, timeout=20)
    try:
        client.request("PUT", "/v1/voices/x", bytes(BODY_BYTES))
        refused = client.getresponse()
        assert (refused.status, refused.read()[:9]) == (413, b'{"error":')
        client.request("GET", "/v1/health")
        assert client.getresponse().status == 200
    finally:
        client.close()


def test_a_client_that_waits_for_leave_to_send_is_answered_at_once(server: Settings) -> None:
    headers = {"Content-Length": str(10**12), "Expect": "100-continue"}
    began = time.monotonic()
    answer = request(server, "PUT", "/v1/voices/x", headers=headers)
    assert answer.status == 413
    assert time.monotonic() - began < LIMITS["linger_seconds"]
