from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from autovoice_core._printable import json_safe, printable
from autovoice_core.cli._console import SafeConsole
from autovoice_core.cli._terminal import standard_streams


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


def test_whatever_is_written_within_shows_control_characters_as_escapes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", stream)
    with standard_streams():
        sys.stdout.write("red \x1b[31m, C1 \x9b31m,\ttab\ngnp.\u202eexe\n")
        sys.stdout.writelines(["bell\x07\n"])
        assert sys.stdout.encoding == "utf-8"
    assert sys.stdout is stream
    stream.flush()
    assert stream.buffer.getvalue().decode().splitlines() == [
        r"red \x1b[31m, C1 \x9b31m,	tab",
        r"gnp.\u202eexe",
        r"bell\x07",
    ]


def test_a_table_is_coloured_by_us_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    table = Table("name", style="bold")
    table.add_row("voice\x1b[2J")
    with standard_streams():
        SafeConsole(force_terminal=True, color_system="standard").print(table)
    assert r"voice\x1" in stream.getvalue()  # cut to the width that it has unescaped
    assert "\x1b[1m" in stream.getvalue()
    assert "\x1b[2J" not in stream.getvalue()


@given(st.text())
def test_json_with_any_text_is_safe_and_reads_back(text: str) -> None:
    shown = json_safe(json.dumps({"text": text}, ensure_ascii=False))
    assert json.loads(shown) == {"text": text}
    assert printable(shown) == shown


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("command", ["models path", "backends --why pitch", "--help"])
def test_a_reader_that_is_gone_ends_a_command_quietly(command: str, unbuffered: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "autovoice_core.cli", *command.split()],
            stdout=writer,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
            text=True,
            check=False,
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")
