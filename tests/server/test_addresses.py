"""Hosts that a server answers to."""

from __future__ import annotations

from pathlib import Path

import pytest

from autovoice_core.server.addresses import allowed_hosts, is_wildcard, url_of
from autovoice_core.server.settings import Settings, is_loopback

TOKEN = "a token of thirty-two characters"


def settings(host: str, port: int = 8765, **given: object) -> Settings:
    token = None if is_loopback(host) else TOKEN
    return Settings(Path("server"), host=host, port=port, token=token, **given)  # type: ignore[arg-type]


def test_this_machine_is_known_by_its_three_names_with_the_port() -> None:
    known = {"127.0.0.1:8765", "localhost:8765", "[::1]:8765"}
    for host in ("127.0.0.1", "localhost", "::1"):
        assert allowed_hosts(settings(host)) == known
    assert allowed_hosts(settings("127.0.0.2")) == known | {"127.0.0.2:8765"}


def test_another_address_is_known_by_itself_and_the_names_given() -> None:
    given = settings("192.0.2.7", names=("Studio.LAN",))
    assert allowed_hosts(given) == {"192.0.2.7:8765", "studio.lan:8765"}


def test_all_addresses_are_known_by_the_names_of_this_machine_and_those_given() -> None:
    given = settings("0.0.0.0", names=("studio.lan",))
    names = {"127.0.0.1:8765", "localhost:8765", "[::1]:8765", "studio.lan:8765"}
    assert allowed_hosts(given) == names


@pytest.mark.parametrize(("port", "certificate"), [(80, None), (443, Path("server.pem"))])
def test_browsers_leave_out_the_usual_port(port: int, certificate: Path | None) -> None:
    given = settings("192.0.2.7", port, certfile=certificate, keyfile=certificate)
    assert allowed_hosts(given) == {"192.0.2.7", f"192.0.2.7:{port}"}


def test_the_usual_port_of_another_scheme_is_not_left_out() -> None:
    assert allowed_hosts(settings("192.0.2.7", 443)) == {"192.0.2.7:443"}


def test_the_address_of_the_page_can_be_opened_on_this_machine() -> None:
    assert url_of(settings("0.0.0.0")) == "http://127.0.0.1:8765/"
    assert url_of(settings("::1")) == "http://[::1]:8765/"
    key = Path("key.pem")
    assert url_of(settings("studio.lan", certfile=key, keyfile=key)) == "https://studio.lan:8765/"


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_wildcards_are_not_this_machine_alone(host: str) -> None:
    assert is_wildcard(host)
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_addresses_are_this_machine_alone(host: str) -> None:
    assert is_loopback(host)
    assert not is_wildcard(host)


@pytest.mark.parametrize("host", ["localhost.evil.example", "128.0.0.1", "studio.lan", ""])
def test_what_looks_like_loopback_is_not(host: str) -> None:
    assert not is_loopback(host)
