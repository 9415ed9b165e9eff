"""Settings of a server that belong together."""

from __future__ import annotations

from pathlib import Path

import pytest

from autovoice_core import InputError
from autovoice_core.server.settings import Settings


def test_other_machines_need_a_token() -> None:
    with pytest.raises(InputError) as caught:
        Settings(Path("server"), host="0.0.0.0")
    assert str(caught.value) == (
        "token: is needed to listen at 0.0.0.0, which other machines can reach; "
        "give one, or listen at 127.0.0.1"
    )
    assert Settings(Path("server"), host="0.0.0.0", token="x" * 16).needs_token
    assert not Settings(Path("server")).needs_token


@pytest.mark.parametrize("given", ["certfile", "keyfile"])
def test_a_certificate_needs_its_key(given: str) -> None:
    with pytest.raises(InputError) as caught:
        Settings(Path("server"), **{given: Path("one.pem")})  # type: ignore[arg-type]
    assert str(caught.value) == (
        "certfile, keyfile: TLS needs both a certificate and its key; give both or neither"
    )


def test_the_token_is_not_shown() -> None:
    assert "secret" not in repr(Settings(Path("server"), token="secret" * 4))


@pytest.mark.parametrize("name", ["https://studio.lan", "10.0.0.1:80", "a b", "", "studio.lan/"])
def test_what_is_no_name_of_a_machine_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        Settings(Path("server"), names=(name,))
    assert str(caught.value) == (
        f"names: {name!r} is not the name or address of a machine alone; "
        "give one without scheme and port, such as studio.lan"
    )


@pytest.mark.parametrize("name", ["studio.lan", "192.0.2.7", "2001:db8::7", "xn--bcher-kva"])
def test_names_and_addresses_of_machines_are_taken(name: str) -> None:
    assert Settings(Path("server"), names=(name,)).names == (name,)
