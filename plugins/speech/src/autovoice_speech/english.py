"""The pronunciation of English text in hibari's symbols, word by word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator
from typing import Any

from attrs import frozen

from autovoice_core import InputError

MAX_WORD_CHARACTERS = 50
"""Letters or digits of a word at most; of longer ones hibari leaves out the end."""

MAX_DIGITS = 36
"""Digits of a number at most: hibari has no names for larger ones."""

_LATIN = ("LATIN ", "FEMININE ORDINAL", "MASCULINE ORDINAL")


@frozen
class Pronunciation:
    """Symbols of pronunciation, each with the number of the word it belongs to, or -1."""

    symbols: str
    word_of: tuple[int, ...]
    words: tuple[str, ...]

    def parts(self, limit: int) -> Iterator[Pronunciation]:
        """Yield it in parts of at most about ``limit`` symbols, cut between words."""
        start = 0
        while len(self.symbols) - start > limit:
            spaces = [
                at
                for at in range(start + 1, start + limit)
                if self.symbols[at] == " " and self.word_of[at] < 0
            ]
            end = spaces[-1] + 1 if spaces else start + limit
            yield self._part(start, end)
            start = end
        yield self._part(start, len(self.symbols))

    def _part(self, start: int, end: int) -> Pronunciation:
        return Pronunciation(self.symbols[start:end], self.word_of[start:end], self.words)


def pronounce(g2p: Any, text: str, known: Container[str]) -> Pronunciation:
    """Return the pronunciation of ``text``.

    Raises
    ------
    InputError
        It holds letters of another script, or a word for which there is no pronunciation.
    """
    from hibari.g2p.normalize import normalize

    check_english(text)
    symbols, word_of, words = "", [], []
    for token in g2p.phonemize_tokens(g2p.tokenize(normalize(text.replace("\n", " ")))):
        found = "".join(filter(known.__contains__, token.phonemes or ""))
        is_word = any(map(str.isalpha, found))
        if is_word:
            words.append(_without_marks(token.text))
        elif any(map(str.isalnum, token.text)):
            raise InputError(f"text: {token.text!r} has no English pronunciation; spell it out")
        space = " " if token.whitespace else ""
        symbols += found + space
        word_of += [len(words) - 1 if is_word else -1] * len(found) + [-1] * len(space)
    if not words:
        raise InputError(f"text: {text!r} holds no word that can be spoken in English")
    return Pronunciation(symbols, tuple(word_of), tuple(words))


def _without_marks(word: str) -> str:
    """Return a word without the quotation marks and the like around it."""
    places = [place for place, character in enumerate(word) if character.isalnum()]
    return word[places[0] : places[-1] + 1] if places else word


def check_english(text: str) -> None:
    """Refuse letters of another script, and words and numbers too long to be spoken.

    Raises
    ------
    InputError
        The text holds some.
    """
    check_latin(text)
    for run in re.findall(r"[^\W_]+", text):
        if len(run) > MAX_WORD_CHARACTERS:
            raise InputError(
                f"text: {run[:20] + '…'!r} has {len(run)} letters or digits in a row, over the "
                f"{MAX_WORD_CHARACTERS} of the longest word; put spaces between words"
            )
    for number in re.findall(r"\d[\d,.]*", text):
        if sum(map(str.isdigit, number)) > MAX_DIGITS:
            raise InputError(
                f"text: {number[:20] + '…'!r} has more digits than the {MAX_DIGITS} of the largest "
                "number that is spoken; put spaces between digits"
            )


def check_latin(text: str) -> None:
    """Refuse letters of another script than that of English.

    Raises
    ------
    InputError
        The text holds some.
    """
    for letter in filter(str.isalpha, text):
        name = unicodedata.name(letter, "unnamed")
        if not name.startswith(_LATIN):
            raise InputError(
                f"text: {letter!r} ({name.lower()}) is not of the Latin script, in which English "
                "is spoken; give the text in English, or name another engine and language"
            )
