"""A server from its start to its end: its address, TLS, its log, and an end in bounded time."""

from __future__ import annotations

import asyncio
import logging
import shutil
import socket
import ssl
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import attrs
import pytest
from server_clients import connect, exchange, received, request, running_server, settings_in

from autovoice_core import InputError, StorageError
from autovoice_core.server.addresses import url_of
from autovoice_core.server.running import listening_socket, serve
from autovoice_core.server.settings import Settings

TOKEN = "correct-horse-battery-staple"
QUIET = {"streams": 0, "shutdown_seconds": 0.5}
BOUNDED = 10.0
"""Seconds in which a server ends that gives its clients half a second."""


def ended_within(settings: Settings, *, begin: bytes, expect: bytes) -> float:
    """Return how long a server takes to end while a client is in the middle of something."""
    with closing(socket.socket()) as connection:
        connection.settimeout(BOUNDED)
        with running_server(settings) as server:
            connection.connect((server.host, server.port))
            own = f"Host: {server.host}:{server.port}\r\n".encode()
            connection.sendall(begin.replace(b"HOST", own))
            if expect:
                assert expect in connection.recv(65_536)
            began = time.monotonic()
        return time.monotonic() - began


@pytest.mark.parametrize(
    ("begin", "expect"),
    [
        (b"", b""),
        (b"GET /v1/health HT", b""),
        (b"GET /v1/health HTTP/1.1\r\nHOST\r\n", b"200 OK"),
        (
            b"PUT /v1/voices/x HTTP/1.1\r\nHOSTContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
            b"100 Continue",
        ),
    ],
    ids=["silent", "in a header", "between requests", "in a body"],
)
def test_a_server_ends_whatever_its_clients_do(
    tmp_path: Path, begin: bytes, expect: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_in(tmp_path, limits=QUIET)
    assert ended_within(settings, begin=begin, expect=expect) < BOUNDED
    assert "Exception" not in caplog.text


def test_a_request_that_has_begun_is_answered_before_the_end(tmp_path: Path) -> None:
    limits = {"streams": 0, "shutdown_seconds": 5.0}
    with closing(socket.socket()) as connection:
        with running_server(settings_in(tmp_path, limits=limits)) as server:
            connection.connect((server.host, server.port))
            head = f"POST /v1/session HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            head += "Content-Type: application/json\r\nContent-Length: 15\r\n"
            connection.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
            assert b"100 Continue" in connection.recv(1000)
            connection.sendall(b'{"token": "x"}\n')
        assert received(connection).status == 204


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with listening_socket("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError) as caught:
            serve(settings_in(tmp_path, port=port))
    assert str(caught.value) == (
        f"host, port: can't listen at 127.0.0.1 port {port} (Address already in use); "
        "choose another"
    )


@pytest.mark.parametrize("host", ["no.such.host.invalid", "x" * 300])
def test_a_host_that_is_no_address_is_named(host: str) -> None:
    with pytest.raises(InputError) as caught:
        listening_socket(host, 0)
    assert str(caught.value) == (
        f"host: {host!r} is no address of this machine; give one, such as 127.0.0.1"
    )


def test_a_folder_in_use_is_refused_without_a_trace(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running_server(settings_in(tmp_path, limits=QUIET)), pytest.raises(InputError) as caught:
        serve(settings_in(tmp_path, limits=QUIET))
    assert str(tmp_path) in str(caught.value)
    assert "Traceback" not in caplog.text


def test_an_address_of_ipv6_is_written_in_brackets(tmp_path: Path) -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        listening_socket("::1", 0).close()
    except InputError:
        pytest.skip("this machine has no IPv6 loopback")
    with running_server(settings_in(tmp_path, limits=QUIET, host="::1")) as server:
        answer = request(server, "GET", "/v1/health", headers={"Host": f"[::1]:{server.port}"})
        assert answer.status == 200


def test_a_file_that_is_no_database_of_voices_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "voices.db").write_text("no database" * 100)
    with pytest.raises(StorageError) as caught:
        serve(settings_in(tmp_path, limits=QUIET))
    assert str(caught.value) == (
        f"{tmp_path / 'voices.db'}: not a voice database; "
        "choose another file with AUTOVOICE_HOME or --db"
    )


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    folder = tmp_path_factory.mktemp("certificate")
    certfile, keyfile = folder / "cert.pem", folder / "key.pem"
    made = [
        openssl,
        "req",
        "-x509",
        "-nodes",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
    ]
    made += ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*made, "-keyout", keyfile, "-out", certfile], check=True, capture_output=True)
    return certfile, keyfile


def test_with_a_certificate_the_server_speaks_tls_alone(
    tmp_path: Path, certificate: tuple[Path, Path]
) -> None:
    certfile, keyfile = certificate
    limits = QUIET | {"header_seconds": 0.5}
    given = settings_in(tmp_path, limits=limits, certfile=certfile, keyfile=keyfile)
    with running_server(given) as server:
        own = f"127.0.0.1:{server.port}"
        assert url_of(server) == f"https://{own}/"
        context = ssl.create_default_context(cafile=str(certfile))
        head = f"GET /v1/health HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\n"
        for origin, status in ((f"https://{own}", 200), (f"http://{own}", 403)):
            with context.wrap_socket(connect(server), server_hostname="127.0.0.1") as connection:
                connection.sendall(f"{head}Origin: {origin}\r\n\r\n".encode())
                assert received(connection).status == status
        with context.wrap_socket(connect(server), server_hostname="127.0.0.1") as connection:
            sign_in = f"POST /v1/session HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\n"
            sign_in += "Content-Type: application/json\r\nContent-Length: 14\r\n\r\n"
            connection.sendall(f'{sign_in}{{"token": "x"}}'.encode())
            assert "; Secure" in received(connection).headers["set-cookie"]
        # Who does not shake hands has as long as for a header.
        with closing(connect(server)) as connection:
            began = time.monotonic()
            assert connection.recv(1) == b""
            assert time.monotonic() - began < BOUNDED
        assert b"HTTP/1.1 200" not in exchange(server, head.encode() + b"\r\n").data


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_certificate_that_cannot_be_read_is_named(tmp_path: Path, content: str | None) -> None:
    pem = tmp_path / "cert.pem"
    if content is not None:
        pem.write_text(content)
    with pytest.raises(InputError) as caught:
        serve(settings_in(tmp_path, certfile=pem, keyfile=pem))
    assert str(caught.value).startswith(f"certfile, keyfile: {pem} and {pem} can't be used (")
    assert str(caught.value).endswith("; give a certificate and its key in PEM")


def test_no_log_holds_the_token(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with running_server(settings_in(tmp_path, limits=QUIET, token=TOKEN)) as server:
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        assert request(server, "GET", "/v1/voices", headers=bearer).status == 200
        answer = request(server, "POST", "/v1/session", {"token": TOKEN})
        cookie = answer.headers["set-cookie"].partition(";")[0]
        assert request(server, "GET", "/v1/voices", headers={"Cookie": cookie}).status == 200
        for path in (f"/v1/voices?token={TOKEN}", f"/{TOKEN}", f"/v1/stream?token={TOKEN}"):
            request(server, "GET", path)
        request(server, TOKEN, "/")
        request(server, "POST", "/v1/session", {"token": [TOKEN]})
        exchange(server, f"GET /{TOKEN}\r\n\r\n".encode())
    written = capfd.readouterr()
    assert "/v1/voices" in caplog.text  # there is a log
    for secret in (TOKEN, cookie.partition("=")[2]):
        assert secret not in caplog.text + written.out + written.err


@pytest.mark.skipif(sys.platform != "linux", reason="has one loopback address alone")
@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_with_all_addresses_the_one_that_was_reached_is_known(tmp_path: Path, host: str) -> None:
    if host == "::" and not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    given = settings_in(tmp_path, limits=QUIET, token=TOKEN, host=host)
    with running_server(given) as server:
        here = attrs.evolve(server, host="127.0.0.2")
        assert request(here, "GET", "/v1/health").status == 200
        own = f"127.0.0.2:{server.port}"
        assert request(here, "GET", "/v1/health", headers={"Origin": f"http://{own}"}).status == 200
        there = attrs.evolve(server, host="127.0.0.1")
        for headers in ({"Host": own}, {"Host": f"evil.example:{server.port}"}):
            assert request(there, "GET", "/v1/health", headers=headers).status == 403


def test_what_is_sent_to_a_client_is_not_held_back_for_more() -> None:
    options: list[int] = []

    class Protocol(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            accepted = transport.get_extra_info("socket")
            options.append(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            transport.close()

    async def accept() -> None:
        with listening_socket("127.0.0.1", 0) as listener:
            server = await asyncio.get_running_loop().create_server(Protocol, sock=listener)
            async with server:
                reader, writer = await asyncio.open_connection(*listener.getsockname())
                await reader.read()
                writer.close()
                await writer.wait_closed()

    asyncio.run(accept())
    assert options == [1]
