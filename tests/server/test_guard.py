"""Requests of other sites and other hosts, and those without a token: what an attacker sends."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from server_clients import Answer, exchange, request, running_server, settings_in

from autovoice_core.server.settings import Settings

TOKEN = "correct-horse-battery-staple"
LIMITS = {"streams": 0}
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("server")
    with running_server(settings_in(folder, limits=LIMITS)) as settings:
        yield settings


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A server that asks for a token."""
    folder = tmp_path_factory.mktemp("server")
    with running_server(settings_in(folder, limits=LIMITS, token=TOKEN)) as settings:
        yield settings


def health(server: Settings, **headers: str) -> Answer:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return request(server, "GET", "/v1/health", headers=given)


def handshake(server: Settings, **headers: str) -> Answer:
    return request(server, "GET", "/v1/stream", headers=HANDSHAKE | headers)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])
def test_the_names_of_this_machine_are_answered(server: Settings, name: str) -> None:
    own = f"{name}:{server.port}"
    assert health(server, Host=own).status == 200
    assert health(server, Host=own, Origin=f"http://{own}").status == 200


@pytest.mark.parametrize(
    "name",
    [
        "evil.example:{port}",  # DNS rebinding: the name is made to point here
        "localhost.evil.example:{port}",
        "127.0.0.1.evil.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.1:{port}0",
        "127.0.0.1:{port}, evil.example",
        "user@127.0.0.1:{port}",
        "localhost.:{port}",
        "[::ffff:127.0.0.1]:{port}",
        "0.0.0.0:{port}",
        "",
    ],
)
def test_other_hosts_are_refused(server: Settings, name: str) -> None:
    given = name.format(port=server.port)
    for answer in (health(server, Host=given), handshake(server, Host=given)):
        assert answer.status == 403
        assert answer.error["code"] == "host"


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost.evil.example:{port}",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "https://127.0.0.1:{port}",
        "ws://127.0.0.1:{port}",
        "http://127.0.0.1:{port}/",
        "http://127.0.0.1:{port} http://evil.example",
        "chrome-extension://abcdefghijklmnop",
        "null",
        "",
    ],
)
def test_pages_of_other_sites_are_refused(server: Settings, origin: str) -> None:
    given = origin.format(port=server.port)
    for answer in (health(server, Origin=given), handshake(server, Origin=given)):
        assert answer.status == 403
        assert answer.error["code"] == "origin"


@pytest.mark.parametrize("header", ["Host", "Origin"])
def test_a_second_host_or_origin_is_refused(server: Settings, header: str) -> None:
    own = f"127.0.0.1:{server.port}"
    lines = [f"Host: {own}", f"Origin: http://{own}", f"{header}: evil.example"]
    for order in (lines, lines[::-1]):
        text = "\r\n".join(["GET /v1/health HTTP/1.1", *order, "Connection: close", "", ""])
        assert exchange(server, text.encode()).status in (400, 403)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none, cross-site", "anything"])
def test_without_an_origin_the_browser_says_where_the_page_is_from(
    server: Settings, site: str
) -> None:
    given = {"Sec-Fetch-Site": site}
    for answer in (health(server, **given), handshake(server, **given)):
        assert answer.status == 403
        assert answer.error["code"] == "origin"


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_the_own_page_and_an_address_that_was_typed_are_answered(
    server: Settings, site: str
) -> None:
    assert health(server, Sec_Fetch_Site=site).status == 200


def test_a_link_on_another_site_leads_to_the_page_and_to_nothing_else(server: Settings) -> None:
    visit = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }
    assert request(server, "GET", "/", headers=visit).status != 403
    assert request(server, "GET", "/v1/voices", headers=visit).status == 403
    assert request(server, "POST", "/", headers=visit).status == 403
    framed = visit | {"Sec-Fetch-Dest": "iframe"}
    assert request(server, "GET", "/", headers=framed).status == 403


def test_no_answer_lets_another_site_read_it(server: Settings) -> None:
    answer = health(server, Origin=f"http://127.0.0.1:{server.port}")
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/v1/health", "/nothing", "/v1/voices/x"])
def test_every_answer_has_the_security_headers(server: Settings, path: str) -> None:
    headers = request(server, "GET", path).headers
    policy = headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "server" not in headers


def test_without_a_token_there_is_health_and_nothing_of_the_api_else(closed: Settings) -> None:
    assert health(closed).status == 200
    for path in ("/v1/voices", "/v1/jobs", "/v1/backends", "/v1/limits", "/metrics", "/nothing"):
        answer = request(closed, "GET", path)
        assert answer.status == 401, path
        assert answer.error == {
            "code": "token",
            "message": "this server needs a token: send it as `Authorization: Bearer TOKEN`, "
            "or sign in",
            "field": None,
        }
        assert answer.headers["www-authenticate"] == 'Bearer realm="autovoice"'


@pytest.mark.parametrize("value", [f"Bearer {TOKEN}", f"bearer {TOKEN}"])
def test_the_token_in_a_header_opens_the_api(closed: Settings, value: str) -> None:
    answer = request(closed, "GET", "/v1/voices", headers={"Authorization": value})
    assert answer.status == 200


@pytest.mark.parametrize(
    "value", [TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer", f"Bearer {TOKEN[:-1]}", ""]
)
def test_anything_else_in_the_header_does_not(closed: Settings, value: str) -> None:
    answer = request(closed, "GET", "/v1/voices", headers={"Authorization": value})
    assert answer.status == 401


def test_two_tokens_are_no_token(closed: Settings) -> None:
    own = f"Host: 127.0.0.1:{closed.port}"
    lines = [own, f"Authorization: Bearer {TOKEN}", "Authorization: Bearer x", "Connection: close"]
    text = "\r\n".join(["GET /v1/voices HTTP/1.1", *lines, "", ""])
    assert exchange(closed, text.encode()).status == 401


@pytest.mark.parametrize("query", ["token", "access_token"])
def test_a_token_in_the_address_is_refused_even_if_it_is_right(
    closed: Settings, query: str
) -> None:
    answer = request(closed, "GET", f"/v1/voices?{query}={TOKEN}")
    assert answer.status == 400
    assert answer.error["code"] == "token_in_address"
    assert TOKEN not in json.dumps(answer.error)
