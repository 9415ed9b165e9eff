from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from server_clients import Answer, connect, request, running_server, settings_in
from waiting import PATIENCE

from autovoice_core.server.settings import Settings

SONG = "/v1/uploads/song0001"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Settings]:
    with running_server(settings_in(tmp_path, limits={"upload_bytes": 1_000_000})) as settings:
        yield settings


def body(answer: Answer) -> dict[str, object]:
    found: dict[str, object] = json.loads(answer.body)
    return found


def test_a_sound_is_sent_listed_read_back_and_removed(server: Settings, vocal_file: Path) -> None:
    sound = vocal_file.read_bytes()
    sent = request(server, "PUT", SONG, sound)
    assert sent.status == 201
    upload = body(sent)
    assert (upload["id"], upload["bytes"], upload["seconds"]) == ("song0001", len(sound), 5.0)
    assert body(request(server, "GET", "/v1/uploads")) == {"uploads": [upload]}
    assert body(request(server, "GET", SONG)) == upload
    content = request(server, "GET", f"{SONG}/content")
    assert (content.headers["content-type"], content.body) == ("audio/flac", sound)
    assert request(server, "DELETE", SONG).status == 204
    for path in (SONG, f"{SONG}/content"):
        assert request(server, "GET", path).error["code"] == "upload_unknown"


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=10-19", 206, slice(10, 20)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=100-", 206, slice(100, None)),
        ("bytes=99999999-", 416, None),
    ],
)
def test_a_part_of_a_sound_is_read_back(
    server: Settings, vocal_file: Path, asked: str, status: int, part: slice | None
) -> None:
    sound = vocal_file.read_bytes()
    request(server, "PUT", SONG, sound)
    answer = request(server, "GET", f"{SONG}/content", headers={"Range": asked})
    assert answer.status == status
    if part is not None:
        assert answer.body == sound[part]


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(server: Settings) -> None:
    head = (
        f"PUT {SONG} HTTP/1.1\r\nHost: {server.host}:{server.port}\r\n"
        "Content-Length: 1000001\r\nConnection: close\r\n\r\n"
    )
    with closing(connect(server)) as connection:
        connection.sendall(head.encode())
        answer = connection.recv(1000)
    assert answer.startswith(b"HTTP/1.1 413")


def test_a_client_that_goes_away_in_mid_upload_leaves_nothing(
    server: Settings, vocal_file: Path
) -> None:
    sound = vocal_file.read_bytes()
    head = (
        f"PUT {SONG} HTTP/1.1\r\nHost: {server.host}:{server.port}\r\n"
        f"Content-Length: {len(sound)}\r\n\r\n"
    )
    incoming = server.folder / "incoming"
    deadline = time.monotonic() + PATIENCE
    with closing(connect(server)) as connection:
        connection.sendall(head.encode() + sound[:50_000])
        while not list(incoming.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
    while list(incoming.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert body(request(server, "GET", "/v1/uploads")) == {"uploads": []}
    assert request(server, "PUT", SONG, sound).status == 201


@pytest.mark.parametrize(
    "path", ["..%2f..%2fetc%2fpasswd", "%2e%2e", "short", "a" * 65, "song0001%00", "song%0d%0a12"]
)
def test_no_id_leads_out_of_the_folder(server: Settings, vocal_file: Path, path: str) -> None:
    answer = request(server, "PUT", f"/v1/uploads/{path}", vocal_file.read_bytes())
    assert answer.status in (404, 422)
    assert list((server.folder / "uploads").iterdir()) == []
