"""The token of Ray's clusters of this machine, with which anybody may have code run."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from autovoice_core.batch.engines.ray import TOKEN_VARIABLES, keep_token_private

pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in TOKEN_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    return tmp_path / ".ray" / "auth_token"


def test_a_token_is_made_that_this_user_alone_can_read(token: Path) -> None:
    keep_token_private()
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert len(token.read_text()) == 64


def test_a_token_that_others_could_read_stays_and_is_closed_to_them(token: Path) -> None:
    token.parent.mkdir()
    token.write_text("secret")
    token.chmod(0o644)
    keep_token_private()
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    assert token.read_text() == "secret"


@pytest.mark.parametrize("variable", TOKEN_VARIABLES)
def test_what_a_user_chose_for_ray_stays(
    token: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "x")
    keep_token_private()
    assert not token.exists()
