"""Lyrics given as text, or as the path of a score that holds them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import evolve

from autovoice_core._errors import InputError
from autovoice_core.speech.lyrics import LyricWord, parse_lyrics
from autovoice_core.speech.reading import as_notes
from autovoice_core.speech.score import ScoreNote


def as_lyrics(lyrics: Any) -> list[list[LyricWord]]:
    """Return the words of each line.

    Parameters
    ----------
    lyrics
        Text, as :func:`~autovoice_core.speech.lyrics.parse_lyrics` takes it, or the path of a score
        with words.

    Raises
    ------
    InputError
        There is no word, or the file can't be read.
    """
    if isinstance(lyrics, Path):
        lines = parse_lyrics(words_of(as_notes(lyrics), str(lyrics)))
        return [[evolve(word, fitted=True) for word in line] for line in lines]
    return parse_lyrics(lyrics)


def words_of(notes: Sequence[ScoreNote], name: str) -> str:
    """Return the syllables of notes as text, held ones and those that share a note marked.

    Raises
    ------
    InputError
        There are none, or the first note has none; the message begins with ``name``.
    """
    if not any(note.lyric.removesuffix("-") for note in notes):
        raise InputError(f"{name}: holds no words; give the lyrics as text")
    text, joined = "", True
    for note in notes:
        if note.lyric:
            syllable = note.lyric.removesuffix("-")
            text += ("" if not text else "-" if joined else " ") + " ~".join(syllable.split())
            joined = syllable != note.lyric
        elif text:
            text += "_"
        else:
            raise InputError(
                f"{name}: the note at {note.place} comes before the first syllable; "
                "give the lyrics as text"
            )
    return text
