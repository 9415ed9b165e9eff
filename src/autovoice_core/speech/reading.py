"""The forms in which a melody is given: files of notes, pitch tracks and sequences."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from attrs import evolve

from autovoice_core._arguments import as_path, describe
from autovoice_core._errors import ArgumentError, AutoVoiceError, InputError
from autovoice_core._regular_files import open_regular
from autovoice_core._types import PitchTrack
from autovoice_core.backends.wording import describe_error
from autovoice_core.speech.midi import parse_midi
from autovoice_core.speech.musicxml import parse_musicxml
from autovoice_core.speech.score import ScoreNote, check_count
from autovoice_core.speech.table import parse_table

MAX_SCORE_BYTES = 10_000_000
"""Largest file of notes that is read."""
MAX_SCORE_SECONDS = 3600.0
"""Latest end of a note."""
MIN_KEY, MAX_KEY = 24.0, 96.0
"""MIDI numbers of the lowest and the highest note that can be sung, C1 and C7."""
MIN_NOTE_SECONDS = 0.03
"""Seconds of the shortest note."""
CHORD_SECONDS = 0.03
"""Seconds within which two notes begin together."""
MAX_OVERLAP_SECONDS = 0.25
"""Seconds by which a note may last into the next one, as on a keyboard played legato."""
_PARSERS = {
    ".mid": parse_midi,
    ".midi": parse_midi,
    ".kar": parse_midi,
    ".musicxml": parse_musicxml,
    ".xml": parse_musicxml,
    ".mxl": parse_musicxml,
    ".csv": parse_table,
}
"""The reader of each suffix."""
SCORE_SUFFIXES = tuple(_PARSERS)
"""Suffixes of files of notes."""


def as_notes(notes: Any) -> list[ScoreNote]:
    """Return the notes of a melody, in order, none overlapping.

    Parameters
    ----------
    notes
        The path of a MIDI file (``.mid``, ``.kar``), of MusicXML (``.musicxml``, ``.xml``,
        ``.mxl``) or of a table (``.csv``); a :class:`~autovoice_core.PitchTrack`, whose notes are
        taken; or a sequence of :class:`ScoreNote`, of notes of a track, or of
        ``(start, end, key)``.

    Raises
    ------
    InputError
        There are none, they can't be read, or they are of more than one voice.
    """
    name = "notes"
    if isinstance(notes, PitchTrack):
        found = [_as_note(note) for note in notes.notes()]
    elif isinstance(notes, (list, tuple)):
        found = [_as_note(note) for note in notes]
    else:
        if not isinstance(notes, (str, bytes, os.PathLike)):
            raise ArgumentError(
                f"notes: {describe(notes)} is no melody; give the path of a score, a PitchTrack, "
                "or a list of (start, end, key)"
            )
        path = as_path("notes", notes)
        name, found = str(path), _read(path)
    return _one_voice(name, found)


def _as_note(note: Any) -> ScoreNote:
    if isinstance(note, ScoreNote):
        return note
    if all(hasattr(note, each) for each in ("start", "end", "key")):
        bend = getattr(note, "bend", ())
        middle = float(sorted(bend)[len(bend) // 2]) if len(bend) else 0.0
        return ScoreNote(note.start, note.end, note.key + middle)
    if isinstance(note, Sequence) and not isinstance(note, str) and len(note) == 3:
        return ScoreNote(*note)
    raise ArgumentError(
        f"notes: {describe(note)} is no note; give (start, end, key) in seconds and MIDI numbers"
    )


def _read(path: Path) -> list[ScoreNote]:
    """Return the notes of a file by its suffix."""
    parse = _PARSERS.get(path.suffix.lower())
    if parse is None:
        raise InputError(
            f"{path}: the suffix {path.suffix!r} is not one of notes; use {', '.join(_PARSERS)}"
        )
    try:
        with open_regular(path) as file:
            data = file.read(MAX_SCORE_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: can't be read ({error.strerror}); check the path") from error
    if len(data) > MAX_SCORE_BYTES:
        raise InputError(f"{path}: holds more than {MAX_SCORE_BYTES} bytes; give a melody alone")
    try:
        return parse(data, str(path))
    except (AutoVoiceError, MemoryError):
        raise
    except Exception as error:  # of damaged files, parsers raise what their code happens to
        raise InputError(
            f"{path}: is damaged ({describe_error(error)}); export it again"
        ) from error


def _one_voice(name: str, notes: Iterable[ScoreNote]) -> list[ScoreNote]:
    """Return ``notes`` sorted, each cut where the next begins."""
    found = sorted(notes, key=lambda note: note.start)
    if not found:
        raise InputError(f"{name}: holds no note; give a melody")
    check_count(len(found), name)
    for note in found:
        _check(name, note)
    for one, other in pairwise(found):
        if other.start - one.start < CHORD_SECONDS:
            raise InputError(
                f"{name}: two notes begin together at {other.place}; give a melody of one voice"
            )
        if one.end - other.start > MAX_OVERLAP_SECONDS:
            raise InputError(
                f"{name}: at {other.place} a note begins while another lasts; "
                "give a melody of one voice"
            )
    ends = [min(one.end, other.start) for one, other in pairwise(found)]
    return [evolve(note, end=end) for note, end in zip(found, [*ends, found[-1].end], strict=True)]


def _check(name: str, note: ScoreNote) -> None:
    if not 0 <= note.start <= note.end <= MAX_SCORE_SECONDS:
        raise InputError(
            f"{name}: a note from {note.start:g} to {note.end:g} s; give notes that end after they "
            f"begin, within 0 and {MAX_SCORE_SECONDS:g} s"
        )
    if note.end - note.start < MIN_NOTE_SECONDS:
        raise InputError(
            f"{name}: the note at {note.place} is shorter than {MIN_NOTE_SECONDS:g} s; "
            "remove it or make it longer"
        )
    if not MIN_KEY <= note.key <= MAX_KEY:
        raise InputError(
            f"{name}: the note at {note.place} has the MIDI number {note.key:g}, outside "
            f"{MIN_KEY:g} to {MAX_KEY:g}; transpose the melody"
        )
