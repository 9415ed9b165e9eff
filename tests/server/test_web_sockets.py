"""WebSockets as an attacker opens them: frame by frame."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from server_clients import connect, received, running_server, settings_in

from autovoice_core.server.deadlines import MAX_FRAGMENTS
from autovoice_core.server.settings import Settings

LIMITS = {"streams": 0, "message_bytes": 10_000, "linger_seconds": 0.4}
CONTINUATION, TEXT, BINARY, CLOSE = 0, 1, 2, 8


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("server")
    with running_server(settings_in(folder, limits=LIMITS)) as settings:
        yield settings


def opened(server: Settings, **headers: str) -> tuple[socket.socket, str]:
    """Return a connection upgraded to a WebSocket, and the header of the answer."""
    given = {
        "Host": f"127.0.0.1:{server.port}",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    lines = ["GET /v1/stream HTTP/1.1"]
    lines += [f"{name.replace('_', '-')}: {text}" for name, text in (given | headers).items()]
    connection = connect(server)
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += connection.recv(1)
    return connection, answer.decode()


def frame(
    opcode: int, data: bytes = b"", *, final: bool = True, length: int | None = None
) -> bytes:
    """Return a frame of a client, masked by zeros, that declares ``length``."""
    length = len(data) if length is None else length
    head = bytes([0x80 * final | opcode, 0x80 | 127]) + length.to_bytes(8, "big") + bytes(4)
    return head + data


def close_code(data: bytes) -> int:
    """Return the code of the close frame at the end of what a server sent."""
    start = data.rindex(bytes([0x80 | CLOSE]))
    return int.from_bytes(data[start + 2 : start + 4], "big")


def test_a_stream_takes_no_compression(server: Settings) -> None:
    connection, answer = opened(server, Sec_WebSocket_Extensions="permessage-deflate")
    with closing(connection):
        assert answer.startswith("HTTP/1.1 101 ")
        assert "sec-websocket-extensions" not in answer.lower()
        # A frame that says it is compressed.
        connection.sendall(bytes([0x80 | 0x40 | TEXT, 0x80]) + bytes(4))
        assert close_code(received(connection).data) == 1002


def test_a_message_of_endless_fragments_is_refused(server: Settings) -> None:
    """Each is empty, so that no limit of bytes is ever reached."""
    connection, _ = opened(server)
    with closing(connection):
        connection.sendall(frame(TEXT, final=False))
        connection.sendall(frame(CONTINUATION, final=False) * (MAX_FRAGMENTS + 1))
        assert close_code(received(connection).data) == 1009


@pytest.mark.parametrize("length", [10_001, 1 << 40, (1 << 63) - 1])
def test_a_message_that_says_it_is_too_large_is_refused_unread(
    server: Settings, length: int
) -> None:
    connection, _ = opened(server)
    with closing(connection):
        connection.sendall(frame(BINARY, length=length))
        assert close_code(received(connection).data) == 1009


WRONG_FRAMES = {
    "not masked": bytes([0x80 | TEXT, 2]) + b"{}",
    "a continuation of nothing": frame(CONTINUATION),
    "an unknown kind": frame(3),
    "reserved bits": bytes([0x80 | 0x30 | TEXT, 0x80]) + bytes(4),
    "a long close": frame(CLOSE, bytes(126)),
    "a close code that may not be": frame(CLOSE, (1005).to_bytes(2, "big")),
    "text within a message": frame(TEXT, final=False) + frame(TEXT),
}


@pytest.mark.parametrize("data", WRONG_FRAMES.values(), ids=WRONG_FRAMES)
def test_what_is_no_frame_ends_the_connection(server: Settings, data: bytes) -> None:
    connection, _ = opened(server)
    with closing(connection):
        connection.sendall(data)
        assert close_code(received(connection).data) == 1002


def test_text_that_is_not_utf_8_ends_the_connection(server: Settings) -> None:
    connection, _ = opened(server)
    with closing(connection):
        connection.sendall(frame(TEXT, b"\xff"))
        assert close_code(received(connection).data) == 1007


def test_a_client_that_does_not_take_part_in_the_close_is_cut_off(tmp_path: Path) -> None:
    limits = LIMITS | {"hello_seconds": 0.1}
    with running_server(settings_in(tmp_path, limits=limits)) as server:
        connection, _ = opened(server)
        with closing(connection):
            began = time.monotonic()
            assert close_code(received(connection).data) == 4408
            assert time.monotonic() - began < 5
