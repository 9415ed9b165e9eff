"""Requests that are no HTTP, too large or ambiguous: each gets an error in one form."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from server_clients import Answer, exchange, request, running_server, settings_in

from autovoice_core.server.settings import Settings

LIMITS = {"streams": 0, "header_seconds": 1.0, "body_grace_seconds": 0.4, "linger_seconds": 0.2}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("server")
    with running_server(settings_in(folder, limits=LIMITS)) as settings:
        yield settings


def send(server: Settings, text: str, body: bytes = b"") -> Answer:
    """Send lines, in which HOST stands for the headers Host and Connection, and a body."""
    lines = text.replace("HOST", f"Host: 127.0.0.1:{server.port}\r\nConnection: close")
    return exchange(server, lines.encode("latin-1") + body)


MALFORMED = {
    "HTTP/0.9": "GET /\r\n\r\n",
    "HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "no host": "GET /v1/health HTTP/1.1\r\n\r\n",
    "spaces in the target": "GET /v1 /health HTTP/1.1\r\nHOST\r\n\r\n",
    "letters that are not ASCII": "GET /v1/h\xe9alth HTTP/1.1\r\nHOST\r\n\r\n",
    "a space before the colon": "GET /v1/health HTTP/1.1\r\nHOST\r\nX : y\r\n\r\n",
    "no colon": "GET /v1/health HTTP/1.1\r\nHOST\r\nnonsense\r\n\r\n",
    "a NUL": "GET /v1/health HTTP/1.1\r\nHOST\r\nX: \0\r\n\r\n",
    "two lengths": "POST /v1/jobs HTTP/1.1\r\nHOST\r\nContent-Length: 1\r\n"
    "Content-Length: 2\r\n\r\n",
    "a negative length": "POST /v1/jobs HTTP/1.1\r\nHOST\r\nContent-Length: -1\r\n\r\n",
    "no number as length": "POST /v1/jobs HTTP/1.1\r\nHOST\r\nContent-Length: 0x1\r\n\r\n",
    "an endless length": f"POST /v1/jobs HTTP/1.1\r\nHOST\r\nContent-Length: {'9' * 30}\r\n\r\n",
    "length and chunks": "POST /v1/jobs HTTP/1.1\r\nHOST\r\nContent-Length: 4\r\n"
    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks in HTTP/1.0": "POST /v1/jobs HTTP/1.0\r\nHOST\r\nTransfer-Encoding: chunked\r\n\r\n"
    "0\r\n\r\n",
    "a target with a host": "GET http://127.0.0.1/v1/health HTTP/1.1\r\nHOST\r\n\r\n",
    "a target without a path": "OPTIONS * HTTP/1.1\r\nHOST\r\n\r\n",
    "a proxy's method": "CONNECT evil.example:443 HTTP/1.1\r\nHOST\r\n\r\n",
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
def test_what_is_not_valid_is_answered_with_400(server: Settings, text: str) -> None:
    answer = send(server, text)
    assert answer.status in (400, 403, 413)
    assert answer.error["message"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("encoding", ["gzip", "chunked, gzip", "identity", "xchunked"])
def test_transfer_encodings_other_than_chunked_are_unknown(server: Settings, encoding: str) -> None:
    head = f"POST /v1/jobs HTTP/1.1\r\nHOST\r\nTransfer-Encoding: {encoding}\r\n\r\n"
    answer = send(server, head)
    assert answer.status == 501
    assert answer.error["code"] == "transfer_encoding"


@pytest.mark.parametrize(
    "chunk", ["g\r\n", "-1\r\n", "5\r\nabc", f"{'f' * 30}\r\n", "1;" + "x" * 20_000]
)
def test_chunks_that_cannot_be_read_end_the_request(server: Settings, chunk: str) -> None:
    head = "POST /v1/session HTTP/1.1\r\nHOST\r\nContent-Type: application/json\r\n"
    answer = send(server, f"{head}Transfer-Encoding: chunked\r\n\r\n{chunk}\r\n\r\n")
    assert answer.status in (400, 408, 413, 431)
    assert answer.error["message"]


@pytest.mark.parametrize("chunk", ["g", "x" * 100_000], ids=["no number", "endless"])
def test_of_a_refused_head_the_answer_has_no_body_and_nothing_fails(
    server: Settings, caplog: pytest.LogCaptureFixture, chunk: str
) -> None:
    head = "HEAD /v1/voices HTTP/1.1\r\nHOST\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = send(server, f"{head}{chunk}\r\n")
    assert (answer.status, answer.body) == (400, b"")
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_what_follows_a_body_is_not_taken_for_a_request(server: Settings) -> None:
    """A request smuggled behind a length that a proxy reads otherwise is never answered."""
    smuggled = "GET /v1/health HTTP/1.1\r\nHOST\r\n\r\n"
    head = "POST /v1/session HTTP/1.1\r\nHOST\r\nContent-Length: 5\r\n"
    text = f"{head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}"
    answer = send(server, text)
    assert answer.status == 400
    assert answer.data.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    "flood",
    ["X-Flood: " + "x" * 100_000, "\r\n".join(f"X-{i}: y" for i in range(10_000))],
    ids=["one long header", "many short ones"],
)
def test_a_flood_of_headers_is_answered_with_431(server: Settings, flood: str) -> None:
    answer = send(server, f"GET /v1/health HTTP/1.1\r\nHOST\r\n{flood}\r\n\r\n")
    assert answer.status == 431
    assert answer.error["code"] == "header_too_large"


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PROPFIND", "get", "X" * 100])
def test_unknown_methods_are_answered_with_405_and_those_that_there_are(
    server: Settings, method: str
) -> None:
    answer = request(server, method, "/v1/voices")
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"
    assert answer.error["code"] == "method"


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/v1/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "//etc/passwd",
        "/v1/uploads/..%2f..%2fjobs.db/content",
        "/v1/voices/..%2Fvoices.db/export",
        "/v1/jobs/aaaaaaaa/outputs/..%2F..%2Fjobs.db",
        "/v1/health/",
        "/v1/health%00",
        "/index.html/../style.css",
        "/\\..\\..\\windows",
    ],
)
def test_paths_lead_to_no_file_but_those_that_are_served(server: Settings, path: str) -> None:
    answer = request(server, "GET", path)
    assert answer.status in (404, 422)
    assert answer.error["message"]


HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.mark.parametrize(
    ("change", "method"),
    [
        ({"Sec-WebSocket-Key": "short"}, "GET"),
        ({"Sec-WebSocket-Key": ""}, "GET"),
        ({"Sec-WebSocket-Version": "8"}, "GET"),
        ({"Sec-WebSocket-Version": ""}, "GET"),
        ({"Connection": "Upgrade, close;"}, "GET"),
        ({"X-Long": "x" * 10_000}, "GET"),
        ({f"X-{i}": "" for i in range(200)}, "GET"),
        ({}, "POST"),
    ],
)
def test_a_handshake_that_is_none_is_refused(
    server: Settings, change: dict[str, str], method: str
) -> None:
    answer = request(server, method, "/v1/stream", headers=HANDSHAKE | change)
    assert answer.status == 400
    assert answer.error["code"] == "handshake"


def test_a_socket_at_another_path_is_answered_with_404(server: Settings) -> None:
    answer = request(server, "GET", "/v1/other", headers=HANDSHAKE)
    assert answer.status == 404
    assert answer.error["code"] == "not_found"


def test_a_stream_without_a_handshake_is_answered_with_426(server: Settings) -> None:
    answer = request(server, "GET", "/v1/stream")
    assert answer.status == 426
    assert answer.headers["upgrade"] == "websocket"
