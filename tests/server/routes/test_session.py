"""Signing in: a cookie in exchange for the token."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import SimpleCookie

import pytest
from server_clients import Answer, request, running_server, settings_in

from autovoice_core.server.settings import Settings

TOKEN = "correct-horse-battery-staple"
SESSION = "/v1/session"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("server")
    with running_server(settings_in(folder, limits={"streams": 0}, token=TOKEN)) as settings:
        yield settings


def cookie_of(answer: Answer) -> SimpleCookie:
    return SimpleCookie(answer.headers["set-cookie"])


def with_cookie(server: Settings, value: str, method: str = "GET", path: str = SESSION) -> Answer:
    return request(server, method, path, headers={"Cookie": f"autovoice_token={value}"})


def test_a_session_says_whether_the_token_is_needed_and_was_shown(server: Settings) -> None:
    assert request(server, "GET", SESSION).body == b'{"needs_token":true,"signed_in":false}'
    shown = request(server, "GET", SESSION, headers={"Authorization": f"Bearer {TOKEN}"})
    assert shown.body == b'{"needs_token":true,"signed_in":true}'


def test_the_token_is_exchanged_for_a_cookie_that_scripts_and_other_sites_cannot_use(
    server: Settings,
) -> None:
    answer = request(server, "POST", SESSION, {"token": TOKEN})
    assert answer.status == 204
    assert answer.body == b""
    cookie = cookie_of(answer)["autovoice_token"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "strict"
    assert cookie["path"] == "/"
    assert not cookie["secure"]  # without TLS
    assert not cookie["domain"]
    assert TOKEN not in cookie.value  # browsers send cookies to every port of a host
    assert with_cookie(server, cookie.value, path="/v1/voices").status == 200


def test_the_end_of_a_session_is_the_end_of_its_cookie(server: Settings) -> None:
    value = cookie_of(request(server, "POST", SESSION, {"token": TOKEN}))["autovoice_token"].value
    answer = with_cookie(server, value, "DELETE")
    assert answer.status == 204
    assert cookie_of(answer)["autovoice_token"]["max-age"] == "0"
    assert with_cookie(server, value, path="/v1/voices").status == 401


@pytest.mark.parametrize("value", ["", "x", TOKEN, "a" * 43])
def test_a_cookie_that_is_guessed_opens_nothing(server: Settings, value: str) -> None:
    assert with_cookie(server, value, path="/v1/voices").status == 401


@pytest.mark.parametrize("token", ["", "x", f"{TOKEN}x", TOKEN[:-1], TOKEN.upper(), "é"])
def test_a_wrong_token_gives_no_cookie(server: Settings, token: str) -> None:
    answer = request(server, "POST", SESSION, {"token": token})
    assert answer.status == 401
    assert answer.error == {
        "code": "token",
        "message": "this is not the server's token",
        "field": "token",
    }
    assert "set-cookie" not in answer.headers
