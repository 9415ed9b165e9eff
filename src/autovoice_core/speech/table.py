"""The reader of notes in a table: columns start, end, note and, if wanted, bar and lyric."""

from __future__ import annotations

import csv
import io
import re

from autovoice_core._arguments import is_number, plain_number
from autovoice_core._errors import InputError
from autovoice_core.speech.score import ScoreNote, check_count, key_of, quoted

DELIMITERS = ",;\t"
"""Characters that may separate columns."""
REQUIRED_COLUMNS = ("start", "end", "note")
COLUMNS = (*REQUIRED_COLUMNS, "bar", "lyric")
"""Columns that are read; others are left alone."""
_NAME = re.compile(r"([A-Ga-g])([#♯b♭]?)(-?\d{1,4})")
_ALTERS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}


def parse_table(data: bytes, name: str) -> list[ScoreNote]:
    """Return the notes of a CSV file whose first line names the columns.

    Raises
    ------
    InputError
        A column is missing, a value is no number or note, or there are too many.
    """
    try:
        text = data.decode("utf-8-sig")
        head = text.partition("\n")[0]
        delimiter = max(DELIMITERS, key=head.count)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        places = _columns(next(filter(None, rows), []), name)
        found: list[ScoreNote] = []
        for row in filter(None, rows):
            cells = {column: row[at].strip() for column, at in places.items() if at < len(row)}
            found.append(_note(cells, f"{name}: line {rows.line_num}"))
            check_count(len(found), name)
        return found
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{name}: is no table of text ({error}); write UTF-8 CSV") from error


def _columns(header: list[str], name: str) -> dict[str, int]:
    """Return the place of each column that is read."""
    places = {each.strip(): at for at, each in enumerate(header) if each.strip() in COLUMNS}
    missing = [column for column in REQUIRED_COLUMNS if column not in places]
    if missing:
        raise InputError(
            f"{name}: the first line lacks the columns {', '.join(sorted(missing))}; "
            "write start,end,note and, if there are bars, bar"
        )
    return places


def _note(cells: dict[str, str], place: str) -> ScoreNote:
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
            f"{place}: {column} is {quoted(text)}, which is no number; write for example 1.5"
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
        raise InputError(f"{place}: {quoted(text)} is no note; write for example A4, F#3 or 69")
    step, alter, octave = match.groups()
    return key_of(step.upper(), int(octave), _ALTERS[alter])
