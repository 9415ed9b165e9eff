from __future__ import annotations

import io
import sys

import pytest

from autovoice_core.cli._terminal import printable, standard_streams


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("song.wav", "song.wav"),
        ("Ünï 歌\u3000.wav", "Ünï 歌\u3000.wav"),
        ("red\x1b[31m\x07", r"red\x1b[31m\x07"),
        ("two\nlines\r", r"two\nlines\r"),
        ("latin\udce9", r"latin\udce9"),
        ("gnp.\u202eexe", r"gnp.\u202eexe"),
    ],
)
def test_what_moves_the_cursor_or_turns_the_text_is_shown_as_an_escape(
    text: str, shown: str
) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", rb"F#3 to B\u266f, \xe9, \u6b4c..."),
        ("cp1252", b"F#3 to B\\u266f, \xe9, \\u6b4c\x85"),
        ("utf-8", "F♯3 to B♯, é, 歌…".encode()),
    ],
)
def test_output_of_any_encoding_takes_any_text(
    monkeypatch: pytest.MonkeyPatch, encoding: str, shown: bytes
) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    with standard_streams():
        stream.write("F♯3 to B♯, é, 歌…")
        stream.flush()
    assert raw.getvalue() == shown.replace(rb"\u266f", b"#")
    assert stream.errors == "strict"
