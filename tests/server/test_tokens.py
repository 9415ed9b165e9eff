"""Tokens in files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autovoice_core import AutoVoiceWarning, InputError
from autovoice_core.server.tokens import is_token, kept_token, read_token

TOKEN = "0123456789abcdef._~+/=-"


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_a_token_is_read_without_the_space_around_it(tmp_path: Path) -> None:
    assert read_token(written(tmp_path / "token", f"  {TOKEN}\r\n")) == TOKEN


@pytest.mark.parametrize("text", ["", "short", "x" * 257, "two words of 16 letters", "ä" * 20])
def test_what_is_no_token_is_refused(tmp_path: Path, text: str) -> None:
    path = written(tmp_path / "token", text)
    with pytest.raises(InputError) as caught:
        read_token(path)
    assert str(caught.value) == (
        f"{path}: holds no token; write 16 to 256 letters, digits or . _ ~ + / = - to it, "
        "best as random as those of `openssl rand -hex 32`"
    )


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_token(tmp_path / "none")
    assert str(caught.value) == (
        f"{tmp_path / 'none'}: can't be read (No such file or directory); check the path"
    )


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")
def test_a_token_that_others_can_read_is_warned_of(tmp_path: Path) -> None:
    path = written(tmp_path / "token", TOKEN)
    path.chmod(0o644)
    with pytest.warns(AutoVoiceWarning) as caught:
        assert read_token(path) == TOKEN
    assert str(caught[0].message) == (
        f"{path}: other users of this machine can read the token; `chmod 600` keeps them out"
    )


def test_a_kept_token_is_made_once_and_for_this_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "server" / "token"
    first = kept_token(path)
    assert len(first) >= 43
    assert kept_token(path) == first
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    assert kept_token(tmp_path / "other") != first


def test_a_kept_token_that_cannot_be_made_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as caught:
        kept_token(tmp_path / "file" / "token")
    assert "can't be made" in str(caught.value)
    assert str(caught.value).endswith("; give --token-file FILE")


@pytest.mark.parametrize("given", [None, 5, "", TOKEN[:-1], f"{TOKEN} ", "ÿ", "\udc80"])
def test_what_is_not_the_token_is_not_taken_for_it(given: object) -> None:
    assert not is_token(TOKEN, given)


def test_without_a_token_anything_will_do() -> None:
    assert is_token(None, None)
    assert is_token(TOKEN, TOKEN)
