from __future__ import annotations

import io
import sys

import pytest
from batch_runs import record
from rich.progress import Progress, TextColumn

from autovoice_core.batch.progress import BatchProgress
from autovoice_core.cli._batch_progress import BatchDisplay, batch_progress

HALF = BatchProgress(1, 0, 3, 0.5, 89.0, {"a\x1b.wav": ("pitch", 0.25)})
"""One song is done, one at work."""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def bars() -> Progress:
    columns = TextColumn("{task.description}"), TextColumn("{task.fields[left]}")
    return Progress(*columns, disable=True)


def shown(bars: Progress) -> list[tuple[str, float, str]]:
    """Return the text, the share done, and the text after the bar, of each bar."""
    return [(task.description, task.completed, task.fields["left"]) for task in bars.tasks]


def test_there_is_a_bar_for_the_whole_and_for_each_song_at_work(bars: Progress) -> None:
    display = BatchDisplay(bars)
    display.progress(HALF)
    assert shown(bars) == [
        ("1 of 3 songs", 0.5, "about 1 min left"),
        (r"a\x1b.wav", 0.25, "pitch"),
    ]
    work = {"a\x1b.wav": ("writing", 0.9), "b.wav": ("pitch", 0.0)}
    display.progress(BatchProgress(1, 0, 3, 0.75, 30.4, work))
    assert shown(bars) == [
        ("1 of 3 songs", 0.75, "about 30 s left"),
        (r"a\x1b.wav", 0.9, "writing"),
        ("b.wav", 0.0, "pitch"),
    ]
    display.progress(BatchProgress(2, 1, 3, 1.0, 0.0, {}))
    assert shown(bars) == [("3 of 3 songs, 1 failed", 1.0, "about 1 s left")]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0.2, "about 1 s left"),
        (59.4, "about 59 s left"),
        (60, "about 1 min left"),
        (3569, "about 59 min left"),
        (3590, "about 1 h 0 min left"),
        (9000, "about 2 h 30 min left"),
    ],
)
def test_the_time_that_is_left_is_told_as_exactly_as_it_is_known(
    bars: Progress, seconds: float | None, text: str
) -> None:
    BatchDisplay(bars).progress(BatchProgress(0, 0, 1, 0.0, seconds, {}))
    assert shown(bars) == [("0 of 1 songs", 0.0, text)]


def test_where_there_are_bars_no_lines_are_written(
    bars: Progress, capsys: pytest.CaptureFixture[str]
) -> None:
    display = BatchDisplay(bars)
    display.progress(HALF)
    display.ended(record())
    assert capsys.readouterr().err == ""


def test_without_bars_there_is_a_line_for_each_song(capsys: pytest.CaptureFixture[str]) -> None:
    display = BatchDisplay(None)
    display.progress(HALF)
    display.ended(record("a\x1b.wav", seconds=1.25))
    display.progress(BatchProgress(1, 1, 3, 0.75, 1.0, {}))
    display.ended(record("b.wav", error="it is\nodd"))
    assert capsys.readouterr().err == ("1 of 3: a\\x1b.wav: 1.2 s\n2 of 3: b.wav: failed\n")


def test_a_terminal_shows_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal)
    with batch_progress() as display:
        display.progress(HALF)
        display.ended(record())
    assert "1 of 3 songs" in terminal.getvalue()
    assert "about 1 min left" in terminal.getvalue()
    assert r"a\x1b.wav" in terminal.getvalue()
    assert "1.0 s" not in terminal.getvalue()


@pytest.mark.parametrize("stream", [io.StringIO(), None])
def test_a_log_shows_none(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    with batch_progress() as display:
        display.progress(HALF)
    assert stream is None or stream.getvalue() == ""


def test_a_batch_that_is_stopped_says_how_it_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    def stop(*told: BatchProgress) -> None:
        with batch_progress() as display:
            for each in told:
                display.progress(each)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop(HALF)
    assert capsys.readouterr().err == "1 of 3 songs were done; the same command does the rest\n"
    with pytest.raises(KeyboardInterrupt):
        stop()
    assert capsys.readouterr().err == ""  # nothing had begun


def test_a_terminal_that_can_not_move_its_cursor_shows_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr(sys, "stderr", terminal)
    with batch_progress() as display:
        display.progress(HALF)
    assert terminal.getvalue() == ""
