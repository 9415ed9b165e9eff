from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from model_server import BODY, HALF, Handler, Server, break_off, left, refusal
from waiting import PATIENCE

from autovoice_core import models
from autovoice_core.backends import Weights
from autovoice_core.models import https


def advice(weights: Weights) -> str:
    return f"or download {weights.url} elsewhere and run `autovoice models get toy/net --from FILE`"


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (
            lambda handler: handler.give(b"short"),
            "offers 5 bytes, not the {size} pinned; ask the plugin's authors, {advice}",
        ),
        (
            lambda handler: handler.give(BODY, length=10**15),
            "offers 1000000000000000 bytes, not the {size} pinned; "
            "ask the plugin's authors, {advice}",
        ),
        (
            lambda handler: handler.give(
                status=206, length=len(BODY), headers={"Content-Range": f"bytes 0-9/{len(BODY)}0"}
            ),
            "answered with another part of the file than requested; "
            "ask the plugin's authors, {advice}",
        ),
        (
            lambda handler: handler.give(status=206, length=len(BODY)),
            "answered with another part of the file than requested; "
            "ask the plugin's authors, {advice}",
        ),
        (
            lambda handler: handler.give(
                status=206, headers={"Content-Range": f"bytes {'1' * 5000}-9/*"}
            ),
            "answered with another part of the file than requested; "
            "ask the plugin's authors, {advice}",
        ),
        (
            lambda handler: handler.wfile.write(b"HTTP/1.1 404 \x1b" + b"A" * 60_000 + b"\r\n\r\n"),
            f"answered 404 \\x1b{'A' * 299}… (59,701 more characters); try again, {{advice}}",
        ),
        (
            lambda handler: handler.wfile.write(b"B" * 60_000 + b"\r\n\r\n"),
            f"broke off ({'B' * 300}… (59,700 more characters)); try again, {{advice}}",
        ),
        (
            lambda handler: handler.give(
                status=302, headers={"Location": "http://a.org/" + "c" * 60_000}
            ),
            f"redirects to 'http://a.org/{'c' * 287}… (59,713 more characters)', which is not an "
            "https:// address; ask the plugin's authors, {advice}",
        ),
        (lambda handler: handler.give(status=404), "answered 404 Not Found; try again, {advice}"),
        (
            lambda handler: handler.give(status=500),
            "answered 500 Internal Server Error; try again, {advice}",
        ),
        (lambda handler: handler.give(status=204), "answered 204; try again, {advice}"),
        (
            lambda handler: handler.give(status=302, headers={"Location": handler.path}),
            "redirects in a loop; try again, {advice}",
        ),
        (
            lambda handler: handler.give(status=302, headers={"Location": handler.path + "x"}),
            "redirects in a loop; try again, {advice}",
        ),
        (
            lambda handler: handler.give(
                status=302, headers={"Location": "http://example.org/net.safetensors"}
            ),
            "redirects to 'http://example.org/net.safetensors', which is not an https:// address; "
            "ask the plugin's authors, {advice}",
        ),
        (
            lambda handler: handler.give(status=302, headers={"Location": "file:///etc/passwd"}),
            "redirects to an address that is not https://; ask the plugin's authors, {advice}",
        ),
        (
            lambda handler: handler.give(status=302, headers={"Location": "http://[no"}),
            "redirects to an invalid address (Invalid IPv6 URL); "
            "ask the plugin's authors, {advice}",
        ),
        (
            lambda handler: handler.wfile.write(b"nonsense\r\n\r\n"),
            "broke off (nonsense); try again, {advice}",
        ),
        (
            lambda handler: setattr(handler, "close_connection", True),
            "broke off (Remote end closed connection without response); try again, {advice}",
        ),
    ],
)
def test_an_answer_of_no_use_is_refused(
    server: Server, weights: Weights, answer: Callable[[Handler], None], fault: str
) -> None:
    server.answer = answer
    filled = fault.format(size=weights.size, advice=advice(weights))
    assert refusal(weights) == f"toy/net: {server.host} {filled}"
    assert left(weights) <= 0


def test_an_endless_answer_is_cut_off_and_deleted(server: Server, weights: Weights) -> None:
    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(1000):
            handler.wfile.write(BODY)

    server.answer = answer
    assert refusal(weights) == (
        f"toy/net: {server.host} sends more than the {weights.size} bytes pinned; "
        f"ask the plugin's authors, {advice(weights)}"
    )
    assert left(weights) == -1


def test_an_answer_of_unknown_length_is_taken(server: Server, weights: Weights) -> None:
    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for i in range(0, len(BODY), 50_000):
            chunk = BODY[i : i + 50_000]
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        handler.wfile.write(b"0\r\n\r\n")

    server.answer = answer
    assert models.get(weights).read_bytes() == BODY


def test_a_redirect_is_followed_with_the_range(server: Server, weights: Weights) -> None:
    def answer(handler: Handler) -> None:
        if handler.path == "/moved":
            handler.serve()
        else:
            handler.give(status=302, headers={"Location": f"http://{server.host}/moved"})

    server.answer = break_off
    refusal(weights)
    server.answer = answer
    assert models.get(weights).read_bytes() == BODY
    assert server.asked[-1].headers["Range"] == f"bytes={HALF}-"


@pytest.mark.parametrize(
    ("origin", "target", "followed"),
    [
        ("https://a.org/x", "https://b.org/x", True),
        ("https://a.org/x", "http://b.org/x", False),
        ("https://a.org/x", "http://127.0.0.1/x", False),
        ("http://127.0.0.1/x", "http://localhost:1/x", True),
        ("http://127.0.0.1/x", "https://b.org/x", True),
        ("http://127.0.0.1/x", "ftp://b.org/x", False),
        ("https://a.org/x", "https:///x", False),
    ],
)
def test_no_redirect_leads_away_from_https(origin: str, target: str, followed: bool) -> None:
    request = https.urllib.request.Request(origin)
    arguments: Any = (request, None, 302, "Found", {}, target)
    if followed:
        found = https._SafeRedirects().redirect_request(*arguments)
        assert found is not None
        assert found.full_url == target
    else:
        with pytest.raises(https.FetchError, match="which is not an https:// address"):
            https._SafeRedirects().redirect_request(*arguments)


def test_a_server_that_is_not_there_is_named(server: Server, weights: Weights) -> None:
    server.shutdown()
    server.socket.close()
    assert refusal(weights) == (
        f"toy/net: {server.host} can't be reached (Connection refused); "
        f"try again, {advice(weights)}"
    )


def test_a_silent_server_is_given_up(
    server: Server, weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(https, "TIMEOUT_SECONDS", 0.1)
    over = threading.Event()
    server.answer = lambda handler: bool(over.wait(PATIENCE)) and None
    try:
        assert refusal(weights) == (
            f"toy/net: {server.host} sent nothing for 0.1 s; try again, {advice(weights)}"
        )
    finally:
        over.set()


def test_a_server_that_falls_silent_leaves_a_part(
    server: Server, weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(https, "TIMEOUT_SECONDS", 1.0)
    over = threading.Event()

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(BODY)))
        handler.end_headers()
        handler.wfile.write(BODY[:HALF])
        handler.wfile.flush()
        over.wait(PATIENCE)
        handler.close_connection = True

    server.answer = answer
    try:
        assert refusal(weights) == (
            f"toy/net: {server.host} sent nothing for 1 s; "
            "run the same command again to resume from 80 kB"
        )
    finally:
        over.set()
    assert left(weights) == HALF
