"""Servers that never come to an end, each in its own way; every test ends by the deadline."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from model_server import BODY, left, pinned, refusal
from waiting import PATIENCE

from autovoice_core import models
from autovoice_core.backends import Weights
from autovoice_core.models import download as downloading
from autovoice_core.models.deadline import Deadline

SECONDS = 0.3
PAUSE = 0.02

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
WHOLE_CHUNK = b"%x\r\n%s\r\n" % (len(BODY), BODY)
HELLO_OF_TLS = b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb\x03\x03"


@contextmanager
def hostile(first: bytes, forever: bytes, pause: float = PAUSE) -> Iterator[int]:
    """Serve ``first`` and then ``forever`` again and again, to each client; yield the port."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(client: socket.socket) -> None:
        with client, suppress(OSError):
            client.settimeout(PATIENCE)
            client.recv(1 << 16)
            client.sendall(first)
            while not over.wait(pause):
                client.sendall(forever)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def served(port: int, scheme: str = "http") -> Weights:
    return pinned(url=f"{scheme}://127.0.0.1:{port}/net.safetensors")


@pytest.fixture(autouse=True)
def _short_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "STALL_SECONDS", SECONDS)


@pytest.mark.parametrize(
    ("first", "forever"),
    [
        (b"HTTP/1.1 200 ", b"O"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"HTTP/1.1 100 Continue\r\nX: ", b"x"),
        (HEAD, b"x"),
        (CHUNKED + b"1;", b"x"),
        (CHUNKED, b"1;name=value\r\nx\r\n"),
    ],
    ids=[
        "a status line",
        "a header",
        "a header of one to be continued",
        "a body",
        "an extension of a chunk",
        "chunks of a byte",
    ],
)
def test_what_drips_ends_by_the_deadline(first: bytes, forever: bytes) -> None:
    with hostile(first, forever) as port:
        text = refusal(served(port))
    assert text.startswith(f"toy/net: 127.0.0.1:{port} sent too little in {SECONDS} s; ")


@pytest.mark.parametrize("pause", [0, PAUSE], ids=["at full speed", "dripped"])
def test_endless_trailers_are_not_read(pause: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "STALL_SECONDS", PATIENCE)
    with hostile(CHUNKED + WHOLE_CHUNK + b"0\r\n", b"X: y\r\n", pause) as port:
        assert models.get(served(port)).read_bytes() == BODY


@pytest.mark.parametrize("headers", [b"", b"A: b\r\n" * 50])
def test_answers_to_be_continued_at_full_speed_are_soon_given_up(
    headers: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloading, "STALL_SECONDS", PATIENCE)
    with hostile(b"", b"HTTP/1.1 100 Continue\r\n%s\r\n" % headers * 1000, 0) as port:
        assert f"127.0.0.1:{port} broke off (too many status lines); " in refusal(served(port))


def test_chunks_of_a_byte_at_full_speed_are_soon_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "STALL_SECONDS", PATIENCE)
    with hostile(CHUNKED, b"1\r\na\r\n" * 10_000, 0) as port:
        text = refusal(served(port))
        assert f"127.0.0.1:{port} sends the file in pieces of a few bytes; " in text
        assert left(served(port)) < 20_000


def test_a_handshake_of_tls_that_drips_ends_by_the_deadline() -> None:
    with hostile(HELLO_OF_TLS, b"x") as port:
        assert f"sent too little in {SECONDS} s" in refusal(served(port, "https"))


def test_a_proxy_that_drips_ends_by_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    with hostile(b"HTTP/1.1 200 ", b"O") as port:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
        weights = pinned(url="https://example.invalid/net.safetensors")
        assert f"sent too little in {SECONDS} s" in refusal(weights)


def test_what_comes_with_a_redirect_is_not_read() -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: http://example.org/x\r\n\r\n"
    with hostile(head, b"x" * 65536, 0) as port:
        assert "which is not an https:// address" in refusal(served(port))


def test_what_comes_with_a_redirect_that_is_followed_is_not_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(downloading, "STALL_SECONDS", PATIENCE)
    with hostile(HEAD + BODY, b"") as target:
        location = f"Location: http://127.0.0.1:{target}/x".encode()
        head = b"HTTP/1.1 302 Found\r\n%s\r\n\r\n" % location
        with hostile(head, b"x" * 65536, 0) as port:
            assert models.get(served(port)).read_bytes() == BODY


def test_what_arrives_fast_enough_may_take_longer_than_the_deadline_in_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(downloading, "MIN_BYTES", 1)
    restarts = []
    plain = Deadline.restart
    monkeypatch.setattr(Deadline, "restart", lambda self: (restarts.append(1), plain(self)))
    monkeypatch.setattr(downloading, "STALL_SECONDS", PATIENCE)
    with hostile(HEAD, BODY[: len(BODY) // 4]) as port:
        text = refusal(served(port))
    assert "has the SHA-256" in text  # all of it came, and is not what is pinned
    assert len(restarts) >= 4
    assert left(served(port)) == -1


def test_no_connection_is_made_after_the_deadline() -> None:
    with hostile(b"", b"x") as port, Deadline(0) as deadline:
        deadline._thread.join(PATIENCE)
        assert deadline.is_over
        with pytest.raises(TimeoutError):
            deadline.connect(("127.0.0.1", port))
