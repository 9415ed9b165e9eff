from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from autovoice_core import InputError
from autovoice_core.cli import _texts
from autovoice_core.cli._texts import read_lyrics, read_text


def test_a_text_is_itself_however_long() -> None:
    assert read_text("Hello.") == "Hello."
    assert read_text("word " * 5000) == "word " * 5000
    assert read_text("I read notes.txt") == "I read notes.txt"


def test_a_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("é".encode())))
    assert read_text("-") == "é"


def test_a_file_that_is_no_text_or_too_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sound"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError) as caught:
        read_text(str(path))
    assert str(caught.value) == f"{path}: is not text in UTF-8; save it as that"
    monkeypatch.setattr(_texts, "MAX_TEXT_BYTES", 1)
    with pytest.raises(InputError) as caught:
        read_text(str(path))
    assert str(caught.value) == f"{path}: is longer than 1 bytes; give it in parts"


def test_a_folder_is_no_text_unless_its_name_is_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "music").mkdir()
    monkeypatch.chdir(tmp_path)
    assert read_text("music") == "music"
    for name in (".", "..", str(tmp_path)):
        with pytest.raises(InputError) as caught:
            read_text(name)
        assert str(caught.value) == f"{name}: is a folder; give text or the name of a file"


@pytest.mark.skipif(os.name != "posix", reason="names of POSIX")
@pytest.mark.parametrize("name", ["a\0.txt", "\ud800.txt"])
def test_a_name_that_no_file_can_have_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        read_text(name)
    assert str(caught.value) == (
        f"{name}: can't be read (no file can have this name); check the path"
    )


@pytest.mark.parametrize("name", ["song.kar", "SONG.MID", "song.musicxml"])
def test_lyrics_can_be_in_a_score(name: str) -> None:
    assert read_lyrics(name) == Path(name)
