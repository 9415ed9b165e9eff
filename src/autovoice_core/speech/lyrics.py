"""Lyrics: words, their syllables, and how many notes each is sung on."""

from __future__ import annotations

import re
from typing import Any

from attrs import evolve, frozen

from autovoice_core._arguments import describe
from autovoice_core._errors import ArgumentError
from autovoice_core.speech.score import quoted

MAX_LYRICS_CHARACTERS = 20_000
"""Longest lyrics that are sung at once."""
_HOLDS = re.compile(r"[-_]+")
_PART = re.compile(r"([^-_]*)([-_]*)")
_AND = re.compile(r"-(['‘’]n['‘’]_*)-", re.IGNORECASE)
"""The middle of ``rock-'n'-roll``, a word of its own."""


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
    parts
        Where the lyrics divide the word, what each of ``extra_notes`` belongs to: the syllables, as
        they are written, that share a note. Else empty.
    joined
        Whether its first syllable is sung on the last note of the word before.
    fitted
        Whether a score gives the word its notes, however many syllables it has.
    """

    text: str
    extra_notes: tuple[int, ...]
    parts: tuple[tuple[str, ...], ...] = ()
    joined: bool = False
    fitted: bool = False


def parse_lyrics(lyrics: Any) -> list[list[LyricWord]]:
    """Return the words of each line.

    A hyphen within a word divides its syllables, ``"twin-kle"``. Each ``_``, or a ``-`` that stands
    alone, carries the syllable before it over one more note: ``"Glo_ _ri-a"`` is not a word, but
    ``"Glo__-ri-a"`` is, sung on five notes. A ``~`` joins two syllables on one note: within a word,
    ``"heav~en"``, and before, after or between words, ``"the ~evening"``, as does ``‿``.

    Raises
    ------
    InputError
        It is not text, holds no word, is longer than :data:`MAX_LYRICS_CHARACTERS`, or a line
        begins with a ``_``, ``-`` or ``~`` or ends with a ``~``.
    """
    if not isinstance(lyrics, str):
        raise ArgumentError(f"lyrics: {describe(lyrics)} is not text; give the words to sing")
    if len(lyrics) > MAX_LYRICS_CHARACTERS:
        raise ArgumentError(
            f"lyrics: {len(lyrics)} characters are more than {MAX_LYRICS_CHARACTERS}; "
            "sing them in parts"
        )
    text = lyrics.replace("‐", "-").replace("‑", "-").replace("‿", " ~ ")
    lines = [words for line in text.splitlines() if (words := _words(line))]
    if not lines:
        raise ArgumentError("lyrics: hold no word; give the words to sing")
    return lines


def _words(line: str) -> list[LyricWord]:
    words: list[LyricWord] = []
    joins = False
    for token in _AND.sub(r" \1 ", line).split():
        core = token.strip("~")
        is_word = any(map(str.isalnum, core))
        if not words and (_HOLDS.fullmatch(token) or token[0] == "~"):
            raise ArgumentError(
                f"lyrics: {quoted(token)} at the beginning of a line has no syllable before it; "
                "put it after one"
            )
        if _HOLDS.fullmatch(token):
            *before, last = words[-1].extra_notes
            words[-1] = evolve(words[-1], extra_notes=(*before, last + len(token)))
        elif is_word:
            words.append(_word(core, joined=joins or token[0] == "~"))
            joins = token[-1] == "~"
        elif not core:
            joins = True
    if joins:
        raise ArgumentError(
            f"lyrics: the '~' after {quoted(words[-1].text)}, at the end of a line, has no "
            "syllable after it; put it before one"
        )
    return words


def _word(token: str, *, joined: bool) -> LyricWord:
    parts: list[tuple[str, ...]] = []
    extra_notes: list[int] = []
    for text, marks in _PART.findall(token):
        written = tuple(filter(None, text.split("~")))
        if written and parts and text[0] == "~":
            parts[-1] += written
            extra_notes[-1] += marks.count("_")
        elif written:
            parts.append(written)
            extra_notes.append(marks.count("_"))
    text = "".join(syllable for part in parts for syllable in part)
    is_divided = parts != [(text,)]
    return LyricWord(text, tuple(extra_notes), tuple(parts) if is_divided else (), joined)
