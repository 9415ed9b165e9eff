from __future__ import annotations

import io
import json
import math
import sys
from pathlib import Path

import pytest
from rich.table import Table
from rich.text import Text

from autovoice_core.cli._output import (
    MAX_WRAPPED_ROWS,
    print_json,
    print_table,
    print_written,
    stage_bar,
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_json_holds_no_number_that_is_not_finite(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"loudness": [-math.inf, math.nan, -23.0], "name": "歌"})
    text = capsys.readouterr().out
    assert json.loads(text) == {"loudness": [None, None, -23.0], "name": "歌"}
    assert "歌" in text


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_json_is_valid_in_any_encoding_and_with_any_name(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    data = {"path": "歌 é \udce9\x1b.wav"}
    print_json(data)
    sys.stdout.flush()
    assert json.loads(raw.getvalue().decode(encoding)) == data
    assert b"\x1b" not in raw.getvalue()


@pytest.mark.parametrize("rows", [MAX_WRAPPED_ROWS, MAX_WRAPPED_ROWS + 1])
def test_a_table_of_many_rows_is_aligned_as_one_of_few(
    capsys: pytest.CaptureFixture[str], rows: int
) -> None:
    table = Table("name", "files", box=None)
    table.add_row(Text("歌う人"), "1")
    for number in range(rows - 1):
        table.add_row("Ada", str(number))
    print_table(table)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[:4] == [" name    files", " 歌う人  1", " Ada     0", " Ada     1"]
    assert len(lines) == rows + 1


def test_a_table_of_many_rows_has_one_line_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("name", box=None)
    for _ in range(MAX_WRAPPED_ROWS + 1):
        table.add_row("Ada\nEdith")
    print_table(table)
    assert capsys.readouterr().out.splitlines()[1:] == [" Ada\\nEdith"] * (MAX_WRAPPED_ROWS + 1)


def test_a_file_that_was_replaced_is_called_so(capsys: pytest.CaptureFixture[str]) -> None:
    print_written([Path("new.wav"), Path("old\n.wav")], [Path("old\n.wav")])
    assert capsys.readouterr().out == "wrote new.wav\nreplaced old\\n.wav\n"


def progress_on(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    with stage_bar("song\x1b.wav") as update:
        update("pitch\n", 0.5)
    return stream.getvalue()


def test_progress_is_shown_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    shown = progress_on(Terminal(), monkeypatch)
    assert r"pitch\n" in shown
    assert "50%" in shown


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "TTY_COMPATIBLE"])
def test_a_log_has_no_progress(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "1")
    assert progress_on(io.StringIO(), monkeypatch) == ""


def test_a_terminal_that_can_not_move_its_cursor_has_no_progress(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert progress_on(Terminal(), monkeypatch) == ""
