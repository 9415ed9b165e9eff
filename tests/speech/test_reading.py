from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autovoice_core import InputError, PitchTrack
from autovoice_core.speech import reading, score
from autovoice_core.speech.reading import as_notes
from autovoice_core.speech.score import ScoreNote


def test_the_notes_of_a_hummed_line_keep_their_tuning() -> None:
    f0 = np.repeat([0.0, 220.0 * 2 ** (0.2 / 12), 0.0, 330.0], [20, 60, 20, 60])
    hummed = PitchTrack(f0, f0 > 0, np.ones(f0.size, np.float32), 0.01)
    one, other = as_notes(hummed)
    assert (one.start, one.end) == pytest.approx((0.2, 0.8))
    assert one.key == pytest.approx(57.2, abs=0.01)
    assert other.key == pytest.approx(64.02, abs=0.01)
    assert as_notes(hummed.notes()) == [one, other]


def test_notes_in_memory_are_sorted_and_cut_where_the_next_begins() -> None:
    assert as_notes([(1.0, 2.0, 62), ScoreNote(0.0, 1.2, 60.5)]) == [
        ScoreNote(0.0, 1.0, 60.5),
        ScoreNote(1.0, 2.0, 62),
    ]


@pytest.mark.parametrize(
    ("notes", "message"),
    [
        ([], "notes: holds no note; give a melody"),
        (
            ["A4"],
            "notes: 'A4' is no note; give (start, end, key) in seconds and MIDI numbers",
        ),
        (
            [(0, 1, 60), (0.01, 1, 64)],
            "notes: two notes begin together at 0.01 s; give a melody of one voice",
        ),
        (
            [(0, 2, 60), (1, 2, 64)],
            "notes: at 1.00 s a note begins while another lasts; give a melody of one voice",
        ),
        (
            [(1, 0.5, 60)],
            "notes: a note from 1 to 0.5 s; give notes that end after they begin, within 0 and "
            "3600 s",
        ),
        (
            [ScoreNote(0, 0.01, 60, bar=2)],
            "notes: the note at bar 2 is shorter than 0.03 s; remove it or make it longer",
        ),
        (
            [ScoreNote(1, 1, 60, bar=3)],
            "notes: the note at bar 3 is shorter than 0.03 s; remove it or make it longer",
        ),
        (
            [(0, 1, 120)],
            "notes: the note at 0.00 s has the MIDI number 120, outside 24 to 96; transpose the "
            "melody",
        ),
        ([(0, "x", 60)], "notes: 'x' is not a finite number of seconds; give for example 1.5"),
        (
            None,
            "notes: None is no melody; give the path of a score, a PitchTrack, or a list of "
            "(start, end, key)",
        ),
        (
            "tune.pdf",
            "tune.pdf: the suffix '.pdf' is not one of notes; use .mid, .midi, .kar, .musicxml, "
            ".xml, .mxl, .csv",
        ),
        (
            "missing.csv",
            "missing.csv: can't be read (No such file or directory); check the path",
        ),
    ],
)
def test_what_is_no_melody_is_refused(notes: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        as_notes(notes)
    assert str(caught.value) == message


def test_a_file_too_large_for_a_melody_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_SCORE_BYTES", 3)
    path = tmp_path / "tune.csv"
    path.write_text("start,end,note\n")
    with pytest.raises(InputError) as caught:
        as_notes(path)
    assert str(caught.value) == f"{path}: holds more than 3 bytes; give a melody alone"


def test_too_many_notes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score, "MAX_NOTES", 1)
    with pytest.raises(InputError) as caught:
        as_notes([(0, 1, 60), (1, 2, 60)])
    assert str(caught.value) == "notes: holds more than 1 notes; sing it in parts"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.csv", b"start,end,note\n0,1,A" + b"9" * 5000),
        (
            "notes.musicxml",
            b'<score-partwise><part><measure number="'
            + b"9" * 5000
            + b'"/></part></score-partwise>',
        ),
    ],
)
def test_whatever_a_parser_raises_of_a_damaged_file_is_a_refusal(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        as_notes(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs")
def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "notes.mid"
    os.mkfifo(path)
    with pytest.raises(InputError) as caught:
        as_notes(path)
    assert str(caught.value) == (
        f"{path}: can't be read (it is no file but a FIFO, a device or a socket); check the path"
    )
