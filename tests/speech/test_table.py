from __future__ import annotations

import pytest

from autovoice_core import InputError
from autovoice_core.speech import score
from autovoice_core.speech.score import ScoreNote
from autovoice_core.speech.table import note_number, parse_table


def test_a_table_gives_notes_by_name_or_number() -> None:
    text = "start,end, note ,bar\n0,0.5,A4,1\n0.5,1.25,60.5,\n1.5,2,Bb3,2\n"
    assert parse_table(b"\xef\xbb\xbf" + text.encode(), "t.csv") == [
        ScoreNote(0, 0.5, 69, 1),
        ScoreNote(0.5, 1.25, 60.5),
        ScoreNote(1.5, 2, 58, 2),
    ]


@pytest.mark.parametrize(
    ("name", "number"), [("C4", 60), ("c#-1", 1), ("F♯3", 54), ("E♭5", 75), ("69", 69)]
)
def test_note_names_are_those_of_midi(name: str, number: float) -> None:
    assert note_number(name, "here") == number


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_are_divided_as_spreadsheets_do(delimiter: str) -> None:
    data = f"start{delimiter}end{delimiter}note\n0{delimiter}1{delimiter}A4\n".encode()
    assert parse_table(data, "t.csv") == [ScoreNote(0.0, 1.0, 69)]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            b"begin,end\n1,2\n",
            "t.csv: the first line lacks the columns note, start; write start,end,note and, if "
            "there are bars, bar",
        ),
        (
            b"start,end,note\n0,1,A4\nx,2,A4\n",
            "t.csv: line 3: start is 'x', which is no number; write for example 1.5",
        ),
        (
            b"start,end,note\n0,1,H4\n",
            "t.csv: line 2: 'H4' is no note; write for example A4, F#3 or 69",
        ),
        (
            b"start,end,note\n" + b"9" * 5000 + b",1,A4\n",
            f"t.csv: line 2: start is '{'9' * 60}…', which is no number; write for example 1.5",
        ),
        (
            b"\xff\xfe",
            "t.csv: is no table of text ('utf-8' codec can't decode byte 0xff in position 0: "
            "invalid start byte); write UTF-8 CSV",
        ),
    ],
)
def test_a_table_that_can_t_be_read_names_the_line(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_table(data, "t.csv")
    assert str(caught.value) == message


def test_other_columns_and_empty_lines_are_left_alone() -> None:
    data = b"\nx,start,end,,note\n\na,0,1,b,A4,c\n\n"
    assert parse_table(data, "t.csv") == [ScoreNote(0.0, 1.0, 69)]


def test_reading_stops_at_the_note_that_is_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score, "MAX_NOTES", 2)
    with pytest.raises(InputError) as caught:  # the damage behind is not come to
        parse_table(b"start,end,note\n0,1,A4\n1,2,A4\n2,3,A4\nx", "t.csv")
    assert str(caught.value) == "t.csv: holds more than 2 notes; sing it in parts"


def test_an_octave_of_thousands_of_digits_is_no_note() -> None:
    with pytest.raises(InputError, match=r"^t\.csv: line 2: 'C1+.* is no note; write for example"):
        note_number(f"C{'1' * 5000}", "t.csv: line 2")
