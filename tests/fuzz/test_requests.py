"""Requests and sockets of any bytes: each is answered in one form, and the server goes on."""

from __future__ import annotations

import json
import logging
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fuzzing import require_line
from hypothesis import strategies as st
from live_servers import fast_server
from live_streams import frame, sound
from mutations import mutated
from server_clients import Answer, connect, exchange, received, request, running_server, settings_in

from autovoice_core.server.settings import Settings
from autovoice_core.voices.storage import VoiceProfileStorage

Fuzz = Callable[..., None]

EDITH = Path(__file__).parents[1] / "voices" / "edith.voice"
LIMITS = {
    "header_seconds": 0.2,
    "body_grace_seconds": 0.2,
    "linger_seconds": 0.1,
    "streams": 0,
    "hello_seconds": 0.3,
    "idle_seconds": 0.3,
    "stalled_seconds": 1.0,
}
EXPECTED = {400, 401, 403, 404, 405, 408, 409, 413, 415, 416, 422, 426, 429, 431, 501, 503, 507}
"""Statuses of errors: all but 500, which says that the server has failed."""

_odd = st.sampled_from(
    [
        *(None, True, -1, 10**400, 1e308, "auto", "Édith", "iona", "", "x" * 5000, "\x1b[2J"),
        *("a\nb", "\0", "\u202e", "../..", [], {}, [[]], {"": None}, "aaaaaaaa", "songsong", "cpu"),
        *("convert", "separate", "pitch", "enrol", ["aaaaaaaa"], {"upload": "aaaaaaaa"}),
        *({"job": "aaaaaaaa", "output": "x"}, {"key": "auto"}, {"key": 99}, {"style": {"key": 1}}),
    ]
)
_fields = st.sampled_from(
    [
        *("kind", "source", "voice", "options", "name", "uploads", "consent", "style", "token"),
        *("key", "backends", "settings", "device", "unheard_of"),
    ]
)
_names = ["pitch", "pitch.threshold", "separation", "conversion.x", "speech", "x.y", "", "a.b.c"]
_of_backends = st.dictionaries(st.sampled_from(_names), _odd | st.just("reference/nccf"))
_options = st.fixed_dictionaries(
    {},
    optional={
        "backends": _of_backends,
        "settings": _of_backends,
        "device": _odd | st.sampled_from(["cpu", "cuda", "abacus", "auto"]),
    },
)
_jobs = st.builds(
    lambda kind, options: {"kind": kind, "source": {"upload": "songsong"}, "options": options},
    st.sampled_from(["separate", "pitch"]),
    _options,
)
_bodies = st.one_of(
    (st.dictionaries(_fields, _odd, max_size=4) | _jobs).map(
        lambda body: json.dumps(body).encode()
    ),
    st.sampled_from([b"", b"[" * 30_000, b"null", b"\xff", b"1e999", b'{"kind":', b"RIFF" * 20]),
    st.binary(max_size=40),
    mutated([EDITH.read_bytes()], [range(400)]),
)
_steps = st.sampled_from(
    [
        *("v1", "jobs", "uploads", "voices", "session", "health", "limits", "backends", "stream"),
        *("content", "events", "outputs", "export", "aaaaaaaa", "songsong", "%C3%89dith", "x"),
        *("..", ".", "", "%2e%2e", "%00", "%ff", "%0a", "%", "?token=x", "?", ";", "~", "a" * 3000),
    ]
)
_paths = st.one_of(
    st.lists(_steps, max_size=5).map(lambda steps: "/" + "/".join(steps)),
    st.builds("/v1/voices/{}".format, _steps),
    st.builds("/v1/uploads/{}/content".format, _steps),
    st.builds("/v1/jobs/{}/events".format, _steps),
    st.sampled_from(["/v1/jobs", "/v1/voices", "/v1/session", "/v1/uploads/songsong", "/"]),
)
_methods = st.sampled_from(["GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "X"])
_headers = st.dictionaries(
    st.sampled_from(
        [
            *("Content-Type", "Content-Length", "Transfer-Encoding", "Range", "Origin", "Cookie"),
            *("Authorization", "Expect", "Upgrade", "Last-Event-ID", "If-Range", "Sec-Fetch-Site"),
            *("Accept-Encoding", "Content-Encoding", "X-Forwarded-For", "Connection", "Host"),
        ]
    ),
    st.sampled_from(
        [
            *("", "0", "-1", "9" * 30, "chunked", "gzip", "application/json", "bytes=0-", "null"),
            *("bytes=9-1", "bytes=0-0,1-1", "multipart/form-data; boundary=x", "100-continue"),
            *("http://127.0.0.1", "same-origin", "cross-site", "Bearer x", "Basic", "websocket"),
            *("autovoice_token=x", "=;=", "close", "x" * 9000, "\x7f", "\xff"),
        ]
    ),
    max_size=3,
)
_requests = st.tuples(_methods, _paths, _bodies, _headers)
GOOD = (
    b"PUT /v1/voices/x HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\nContent-Length: 4\r\n\r\nabcd"
)
_raw = mutated([GOOD], [range(len(GOOD))])


class Errors(logging.Handler):
    """Keeps what the server logs of its own failures."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(self.format(record))


@pytest.fixture
def failures() -> Iterator[list[str]]:
    handler = Errors()
    logging.getLogger().addHandler(handler)
    yield handler.records
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Settings]:
    VoiceProfileStorage(tmp_path / "voices.db").import_(EDITH)
    with running_server(settings_in(tmp_path, limits=LIMITS)) as settings:
        yield settings


def require_answer(answer: Answer) -> None:
    """Check that an answer is a success, or an error in the one form that there is."""
    assert answer.data.startswith(b"HTTP/1.1 ")
    assert answer.headers["x-content-type-options"] == "nosniff"
    if answer.status < 400:
        return
    assert answer.status in EXPECTED
    if answer.body:  # not of HEAD
        require_line(ValueError(answer.error["message"]))


def answers_in(data: bytes) -> Iterator[Answer]:
    """Yield each of the answers, as bytes may be more than one request."""
    while data:
        head, gap, rest = data.partition(b"\r\n\r\n")
        size = int(Answer(data).headers.get("content-length", 0))
        yield Answer(head + gap + rest[:size])
        data = rest[size:]


def test_any_request_is_answered_in_one_form(
    fuzz: Fuzz, server: Settings, failures: list[str]
) -> None:
    def check(sent: tuple[str, str, bytes, dict[str, str]]) -> None:
        method, path, body, headers = sent
        head = {"Host": f"{server.host}:{server.port}", "Content-Length": str(len(body))}
        head |= {"Content-Type": "application/json"} | headers | {"Connection": "close"}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {head[name]}" for name in head), "", ""]
        answer = exchange(server, "\r\n".join(lines).encode("latin-1") + body)
        # What says that the body may come is no answer yet.
        require_answer(Answer(answer.data.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")))
        assert not failures

    fuzz(_requests, check, examples=80)
    assert request(server, "GET", "/v1/health").status == 200


def test_any_bytes_are_answered_or_the_connection_is_closed(
    fuzz: Fuzz, server: Settings, failures: list[str]
) -> None:
    def check(sent: bytes) -> None:
        with closing(connect(server)) as connection:
            connection.sendall(sent.replace(b"HOST", f"127.0.0.1:{server.port}".encode()))
            for answer in answers_in(received(connection).data):
                require_answer(answer)
        assert not failures

    fuzz(_raw | st.binary(max_size=60), check, examples=30)
    assert request(server, "GET", "/v1/health").status == 200


def masked(opcode: int, payload: bytes, *, flags: int = 0x80, mask: bool = True) -> bytes:
    """Return a frame of a WebSocket, whose mask is 0."""
    size = len(payload)
    bit = 0x80 if mask else 0
    length = bytes([bit | size]) if size < 126 else bytes([bit | 126]) + struct.pack(">H", size)
    return bytes([flags | opcode]) + length + (bytes(4) if mask else b"") + payload


HELLO = json.dumps({"type": "hello", "voice": "Ada", "sample_rate": 8000}).encode()
_socket_frames = st.one_of(
    st.just(masked(1, HELLO)),
    st.just(masked(2, frame(sound(80), 0))),
    st.just(masked(1, b'{"type": "flush"}')),
    st.builds(
        masked,
        st.integers(0, 15),
        st.binary(max_size=130) | st.just(HELLO),
        flags=st.sampled_from([0, 0x80, 0x80, 0x80, 0xC0, 0xF0]),
        mask=st.sampled_from([True, True, True, False]),
    ),
    st.builds(
        bytes.__add__, st.just(b"\x82\xff"), st.binary(min_size=8, max_size=12)
    ),  # a length of 64 bits
    st.binary(max_size=20),
)


def test_frames_of_any_bytes_end_their_own_stream_alone(
    fuzz: Fuzz, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failures: list[str]
) -> None:
    limits: dict[str, Any] = LIMITS | {"streams": 2}
    with fast_server(tmp_path, monkeypatch, **limits) as server:
        head = (
            f"GET /v1/stream HTTP/1.1\r\nHost: {server.host}:{server.port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        ).encode()

        def check(sent: list[bytes]) -> None:
            with closing(connect(server)) as connection:
                connection.sendall(head + b"".join(sent))
                answer = received(connection)
            assert answer.status == 101
            assert not failures

        fuzz(st.lists(_socket_frames, max_size=5), check, examples=20)
        assert request(server, "GET", "/v1/health").status == 200
