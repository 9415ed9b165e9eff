"""The reader of notes in a table: columns start, end, note and, if wanted, bar and lyric."""

from __future__ import annotations

import csv
import io
import re

from autovoice_core._arguments import is_number, plain_number
from autovoice_core._errors import InputError
from autovoice_core.speech.score import ScoreNote, key_of

DELIMITERS = ",;\t"
"""What may stand between two columns."""
_NAME = re.compile(r"([A-Ga-g])([#♯b♭]?)(-?\d+)")
_ALTERS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}


def parse_table(data: bytes, name: str) -> list[ScoreNote]:
    """Return the notes of a CSV file whose first line names the columns.

    Raises
    ------
    InputError
        A column is missing, or a value is no number or note.
    """
    try:
        text = data.decode("utf-8-sig")
        head = text.partition("\n")[0]
        delimiter = max(DELIMITERS, key=head.count)
        rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
        missing = {"start", "end", "note"} - {
            (each or "").strip() for each in rows.fieldnames or ()
        }
        if missing:
            raise InputError(
                f"{name}: the first line lacks the columns {', '.join(sorted(missing))}; "
                "write start,end,note and, if there are bars, bar"
            )
        return [_note(row, f"{name}: line {rows.line_num}") for row in rows]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{name}: is no table of text ({error}); write UTF-8 CSV") from error


def _note(row: dict[str | None, str | None], place: str) -> ScoreNote:
    cells = {
        (column or "").strip(): value.strip()
        for column, value in row.items()
        if isinstance(value, str)
    }
    start, end = (_number(cells.get(column, ""), column, place) for column in ("start", "end"))
    bar = cells.get("bar", "")
    return ScoreNote(
        start,
        end,
        note_number(cells.get("note", ""), place),
        int(_number(bar, "bar", place)) if bar else None,
        cells.get("lyric", ""),
    )


def _number(text: str, column: str, place: str) -> float:
    number = plain_number(text)
    if not is_number(number):
        raise InputError(
            f"{place}: {column} is {text!r}, which is no number; write for example 1.5"
        )
    return float(number)


def note_number(text: str, place: str) -> float:
    """Return the MIDI number of a note by its name, as ``"A4"`` or ``"Bb3"``, or by its number.

    Raises
    ------
    InputError
        It is neither; the message begins with ``place``.
    """
    number = plain_number(text)
    if is_number(number):
        return float(number)
    match = _NAME.fullmatch(text)
    if match is None:
        raise InputError(f"{place}: {text!r} is no note; write for example A4, F#3 or 69")
    step, alter, octave = match.groups()
    return key_of(step.upper(), int(octave), _ALTERS[alter])
