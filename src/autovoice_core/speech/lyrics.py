"""Lyrics: words, their syllables, and how many notes each is sung on."""

from __future__ import annotations

import re
from typing import Any

from attrs import frozen

from autovoice_core._arguments import describe
from autovoice_core._errors import ArgumentError

MAX_LYRICS_CHARACTERS = 20_000
"""Longest lyrics that are sung at once."""
_MARKS = re.compile(r"[-_‐‑]+")
_PART = re.compile(r"([^-_]*)([-_]*)")


@frozen
class LyricWord:
    """A word of lyrics.

    Attributes
    ----------
    text
        The word as it is spoken, without hyphens between syllables.
    extra_notes
        For each of its syllables, the notes that it is sung on beyond the first. Where the lyrics
        don't divide the word, one entry: that of its last syllable.
    """

    text: str
    extra_notes: tuple[int, ...]

    @property
    def is_divided(self) -> bool:
        """Whether the lyrics say what its syllables are."""
        return len(self.extra_notes) > 1


def parse_lyrics(lyrics: Any) -> list[list[LyricWord]]:
    """Return the words of each line.

    A hyphen within a word divides its syllables, ``"twin-kle"``. Each ``_``, or a ``-`` that stands
    alone, carries the syllable before it over one more note: ``"Glo_ _ri-a"`` is not a word, but
    ``"Glo__-ri-a"`` is, sung on five notes.

    Raises
    ------
    InputError
        It is not text, holds no word, is longer than :data:`MAX_LYRICS_CHARACTERS`, or begins with
        a ``_`` or ``-``.
    """
    if not isinstance(lyrics, str):
        raise ArgumentError(f"lyrics: {describe(lyrics)} is not text; give the words to sing")
    if len(lyrics) > MAX_LYRICS_CHARACTERS:
        raise ArgumentError(
            f"lyrics: {len(lyrics)} characters are more than {MAX_LYRICS_CHARACTERS}; "
            "sing them in parts"
        )
    text = lyrics.replace("‐", "-").replace("‑", "-")
    lines = [words for line in text.splitlines() if (words := _words(line))]
    if not lines:
        raise ArgumentError("lyrics: hold no word; give the words to sing")
    return lines


def _words(line: str) -> list[LyricWord]:
    words: list[LyricWord] = []
    for token in line.split():
        if _MARKS.fullmatch(token):
            if not words:
                raise ArgumentError(
                    f"lyrics: {token!r} at the beginning of a line has no syllable before it; "
                    "put it after one"
                )
            *before, last = words[-1].extra_notes
            words[-1] = LyricWord(words[-1].text, (*before, last + len(token)))
        elif any(character.isalnum() for character in token):
            words.append(_word(token))
    return words


def _word(token: str) -> LyricWord:
    parts = [(text, marks) for text, marks in _PART.findall(token) if text]
    return LyricWord(
        "".join(text for text, _ in parts),
        tuple(marks.count("_") for _, marks in parts),
    )
