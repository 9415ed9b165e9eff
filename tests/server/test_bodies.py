"""Bodies of requests that are no JSON, of another form, or too large."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from server_clients import Answer, exchange, request, running_server, settings_in

from autovoice_core.server.settings import Settings

LIMITS = {"streams": 0, "linger_seconds": 0.2}
POST = "POST /v1/session HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("server")
    with running_server(settings_in(folder, limits=LIMITS)) as settings:
        yield settings


def send(server: Settings, headers: str, body: bytes) -> Answer:
    head = POST.format(port=server.port) + headers
    return exchange(server, head.encode() + b"\r\n" + body)


def post(server: Settings, body: bytes, content_type: str = "application/json") -> Answer:
    return request(server, "POST", "/v1/session", body, {"Content-Type": content_type})


BAD_JSON = {
    "nothing": b"",
    "text": b"hello",
    "half": b'{"token": "x',
    "not a number": b'{"token": NaN}',
    "not UTF-8": b'{"token": "\xff"}',
    "a BOM": b'\xef\xbb\xbf{"token": "x"}',
    "UTF-16": '{"token": "x"}'.encode("utf-16"),
}


@pytest.mark.parametrize("body", BAD_JSON.values(), ids=BAD_JSON)
def test_what_is_not_json_is_answered_with_400(server: Settings, body: bytes) -> None:
    answer = post(server, body)
    assert answer.status == 400
    assert answer.error["code"] == "json"
    assert answer.error["message"].startswith("the body is no JSON: ")


@pytest.mark.parametrize("body", [b"[" * 60_000, b'{"token":' * 6_000])
def test_deep_json_does_no_harm(server: Settings, body: bytes) -> None:
    assert post(server, body).status in (400, 422)


WRONG_VALUES: dict[str, tuple[Any, str | None]] = {
    "null": (None, None),
    "a list": ([], None),
    "a number": ({"token": 5}, "token"),
    "without": ({}, "token"),
    "one more": ({"token": "x", "admin": True}, "admin"),
    "long": ({"token": "x" * 2000}, "token"),
}


@pytest.mark.parametrize(("value", "field"), WRONG_VALUES.values(), ids=WRONG_VALUES)
def test_json_of_another_form_is_answered_with_422_and_the_field(
    server: Settings, value: object, field: str | None
) -> None:
    answer = post(server, json.dumps(value).encode())
    assert answer.status == 422
    assert answer.error["code"] == "invalid"
    assert answer.error["field"] == field


@pytest.mark.parametrize("number", ["1e400", "-1e999999", str(10**400), "1" * 5000])
def test_numbers_beyond_all_bounds_are_refused(server: Settings, number: str) -> None:
    body = b'{"kind":"convert","source":{"upload":"12345678"},"options":{"key":%s}}'
    answer = request(
        server, "POST", "/v1/jobs", body % number.encode(), {"Content-Type": "application/json"}
    )
    assert answer.status in (400, 422)
    assert answer.error["message"]


@pytest.mark.parametrize("text", [r"\ud800", r"\u0000", r"\u202e", "\U0010ffff"])
def test_strange_letters_in_json_do_no_harm(server: Settings, text: str) -> None:
    body = f'{{"name":"{text}","uploads":["12345678"]}}'.encode()
    answer = request(server, "POST", "/v1/voices", body, {"Content-Type": "application/json"})
    assert answer.status in (400, 404, 422)
    assert answer.error["message"]


def test_a_giant_of_json_is_answered_with_413(server: Settings) -> None:
    answer = post(server, b'{"token": "' + b"x" * 5_000_000 + b'"}')
    assert answer.status == 413
    assert answer.error["code"] == "too_large"


def test_a_giant_in_chunks_is_answered_with_413(server: Settings) -> None:
    head = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
    chunks = (b"10000\r\n" + b" " * 65_536 + b"\r\n") * 20 + b"0\r\n\r\n"
    answer = send(server, head, chunks)
    assert answer.status == 413


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/json, text/plain",
        "application/jsonx",
        "",
    ],
)
def test_only_json_is_taken_for_json(server: Settings, content_type: str) -> None:
    """The first three are what a page of another site may send without asking."""
    answer = post(server, b'{"token": "x"}', content_type)
    assert answer.status == 415
    assert answer.error == {
        "code": "media_type",
        "message": "send the body as Content-Type: application/json",
        "field": None,
    }


def test_a_second_content_type_is_refused(server: Settings) -> None:
    head = "Content-Type: application/json\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n"
    assert send(server, head, b"{}").status == 415
