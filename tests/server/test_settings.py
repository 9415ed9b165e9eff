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
