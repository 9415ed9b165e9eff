"""Errors that the web framework answers by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from autovoice_core.server.error_form import ErrorForm


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    (tmp_path / "file").write_bytes(b"x" * 100)

    def send(_: Request) -> Response:
        return FileResponse(tmp_path / "file")

    def fail(_: Request) -> Response:
        return PlainTextResponse("", 418)

    routes = [Route("/file", send), Route("/fail", fail)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(ErrorForm)]))


@pytest.mark.parametrize(
    ("asked", "status", "message"),
    [
        ("bytes=x", 400, "Range header: range must be requested"),
        ("lines=1-2", 400, "Only support bytes range"),
        ("bytes=500-", 416, "the range lies outside the file"),
    ],
)
def test_a_range_that_cannot_be_is_answered_in_the_one_form(
    client: TestClient, asked: str, status: int, message: str
) -> None:
    answer = client.get("/file", headers={"Range": asked})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"error": {"code": "range", "message": message, "field": None}}
    assert answer.headers.get("content-range") == ("bytes */100" if status == 416 else None)


def test_an_unknown_error_without_a_text_says_what_it_is(client: TestClient) -> None:
    error = client.get("/fail").json()["error"]
    assert error == {"code": "error", "message": "I'm a Teapot", "field": None}


def test_what_is_no_error_stays_as_it_is(client: TestClient) -> None:
    answer = client.get("/file", headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.content) == (206, b"x" * 10)
