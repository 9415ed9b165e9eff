"""Time limits of connections: slow and silent clients, and those that read nothing."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import pytest
from server_clients import connect, exchange, received, request, running_server, settings_in

from autovoice_core.server.settings import Settings

LIMITS = {
    "header_seconds": 0.4,
    "body_grace_seconds": 0.4,
    "min_body_rate": 1000.0,
    "keep_alive_seconds": 1,
    "stalled_seconds": 0.4,
    "linger_seconds": 0.4,
    "connections": 12,
    "streams": 0,
}
HEAD = b"GET /v1/health HTTP/1.1\r\n"
OUTWAITED = 9.0
"""Seconds within which a client is ended whose limit is under half a second."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with running_server(settings_in(tmp_path_factory.mktemp("server"), limits=LIMITS)) as settings:
        yield settings


def host(server: Settings) -> bytes:
    return f"Host: {server.host}:{server.port}\r\n".encode()


def put(server: Settings, length: int) -> bytes:
    head = f"PUT /v1/voices/iona HTTP/1.1\r\nContent-Length: {length}\r\n"
    return head.encode() + host(server) + b"\r\n"


def test_a_silent_connection_is_closed(server: Settings) -> None:
    with closing(connect(server)) as connection:
        began = time.monotonic()
        assert connection.recv(1) == b""
        assert time.monotonic() - began < OUTWAITED


def test_a_header_that_takes_too_long_is_answered_with_408(server: Settings) -> None:
    with closing(connect(server)) as connection:
        connection.sendall(HEAD + b"X-Slow: ")
        began = time.monotonic()
        answer = received(connection)
        assert time.monotonic() - began < OUTWAITED
    assert answer.status == 408
    assert answer.error["code"] == "header_timeout"
    assert answer.headers["connection"] == "close"
    assert answer.headers["x-content-type-options"] == "nosniff"


def trickle(connection: socket.socket, data: bytes, pause: float) -> None:
    """Send a byte at a time until the other side has had enough."""
    began = time.monotonic()
    try:
        for byte in data:
            connection.sendall(bytes([byte]))
            time.sleep(pause)
            if time.monotonic() - began > OUTWAITED:
                return
    except OSError:
        pass


def test_a_header_of_a_byte_now_and_then_does_not_win_time(server: Settings) -> None:
    with closing(connect(server)) as connection:
        began = time.monotonic()
        trickle(connection, HEAD + b"X-Slow: " + b"x" * 1000, 0.05)
        assert time.monotonic() - began < OUTWAITED


def test_a_body_below_the_least_rate_is_answered_with_408(server: Settings) -> None:
    with closing(connect(server)) as connection:
        connection.sendall(put(server, 10_000) + b"x" * 100)
        answer = received(connection)
    assert answer.status == 408
    assert answer.error == {
        "code": "body_timeout",
        "message": "the body of the request came too slowly",
        "field": None,
    }


def test_a_body_above_the_least_rate_may_take_longer_than_its_grace(server: Settings) -> None:
    with closing(connect(server)) as connection:
        connection.sendall(put(server, 32_000))
        for _ in range(16):
            connection.sendall(b"x" * 2000)
            time.sleep(0.05)  # forty times the least rate
        assert connection.recv(12) == b"HTTP/1.1 422"


def test_a_connection_without_a_further_request_is_closed(server: Settings) -> None:
    with closing(connect(server)) as connection:
        connection.sendall(HEAD + host(server) + b"\r\n")
        began = time.monotonic()
        assert received(connection).status == 200
        assert time.monotonic() - began < OUTWAITED


def test_the_header_of_a_second_request_has_the_same_limit(server: Settings) -> None:
    with closing(connect(server)) as connection:
        connection.sendall(HEAD + host(server) + b"\r\n")
        connection.recv(65_536)
        connection.sendall(HEAD)
        assert received(connection).error["code"] == "header_timeout"


def test_what_is_sent_after_a_refusal_is_read_for_a_while_only(server: Settings) -> None:
    """Else a client that sends without end would hold the connection."""
    with closing(connect(server)) as connection:
        connection.sendall(b"no HTTP\r\n\r\n")
        began = time.monotonic()
        trickle(connection, b"x" * 1000, 0.02)
        assert time.monotonic() - began < OUTWAITED


def repeat(connection: socket.socket, data: bytes) -> NoReturn:
    while True:
        connection.sendall(data)


def test_a_client_that_reads_nothing_is_cut_off(server: Settings) -> None:
    """It asks again and again, and lets the answers pile up."""
    with closing(socket.socket()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(OUTWAITED)
        connection.connect((server.host, server.port))
        asked = b"GET /metrics HTTP/1.1\r\n" + host(server) + b"\r\n"
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            repeat(connection, asked * 100)


def test_one_connection_too_many_takes_the_place_of_the_oldest_silent_one(
    server: Settings,
) -> None:
    opened = [connect(server) for _ in range(int(LIMITS["connections"]))]
    try:
        assert request(server, "GET", "/v1/health").status == 200
        assert opened[0].recv(1) == b""
    finally:
        for connection in opened:
            connection.close()


def test_one_connection_too_many_is_refused_where_none_is_silent(tmp_path: Path) -> None:
    with running_server(settings_in(tmp_path, limits={"connections": 3, "streams": 0})) as server:
        opened = [connect(server) for _ in range(3)]
        try:
            for connection in opened:
                head = put(server, 10).removesuffix(b"\r\n")
                connection.sendall(head + b"Expect: 100-continue\r\n\r\n")
                assert b"100 Continue" in connection.recv(1000)
            answer = exchange(server, b"")
            assert answer.status == 503
            assert answer.error["code"] == "busy"
        finally:
            for connection in opened:
                connection.close()


def test_a_thousand_bad_connections_do_no_harm(tmp_path: Path) -> None:
    bad = [b"\r\n\r\n", b"\x16\x03\x01\x02\x00", b"GET", b"\0" * 100, b"GET / HTTP/9.9\r\n\r\n"]
    with running_server(settings_in(tmp_path, limits={"streams": 0})) as server:
        for number in range(1000):
            with closing(connect(server)) as connection:
                connection.sendall(bad[number % len(bad)])
        assert request(server, "GET", "/v1/health").status == 200


def test_idle_connections_do_not_keep_others_from_being_served(tmp_path: Path) -> None:
    with running_server(settings_in(tmp_path, limits={"streams": 0})) as server:
        opened = [connect(server) for _ in range(200)]
        try:
            assert request(server, "GET", "/v1/health").status == 200
        finally:
            for connection in opened:
                connection.close()
