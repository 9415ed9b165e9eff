"""The syllables of speech, each around one vowel, matched with the words of lyrics."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve, frozen

from autovoice_core._errors import ArgumentError
from autovoice_core._speech import Speech, TimedPhone
from autovoice_core.speech.lyrics import LyricWord

MAX_PLAIN_VOWEL_LETTERS = 1
"""Letters of a vowel that is no diphthong, without marks of length and nasality."""
_MODIFIERS = "ːˑ̃̆̈ˈˌ"


@frozen
class Span:
    """Seconds from ``start`` to ``end``."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.end - self.start


@frozen
class Syllable:
    """A syllable as it was spoken.

    Attributes
    ----------
    word
        The word that it belongs to, as the lyrics have it.
    vowel, onset, coda
        When its vowel was spoken, and each of the consonants before and after it.
    is_diphthong
        Whether the vowel moves.
    notes
        The number of notes that it is sung on.
    """

    word: str
    vowel: Span
    onset: tuple[Span, ...]
    coda: tuple[Span, ...]
    is_diphthong: bool
    notes: int


def syllables_of(speech: Speech, words: Sequence[LyricWord]) -> list[Syllable]:
    """Return the syllables of ``words``, spoken in this order.

    Consonants between two vowels of a word belong to the later one.

    Raises
    ------
    ArgumentError
        The engine spoke another number of words, or a word in fewer syllables than the lyrics
        divide it into.
    """
    if len(speech.words) != len(words):
        raise ArgumentError(
            f"lyrics: {' '.join(word.text for word in words)!r} was spoken as "
            f"{len(speech.words)} words; write numbers, signs and abbreviations as words"
        )
    found: list[Syllable] = []
    for word, spoken in zip(words, speech.words, strict=True):
        middle = [
            phone
            for phone in speech.phones
            if spoken.start <= 0.5 * (phone.start + phone.end) <= spoken.end
            and phone.kind != "pause"
        ]
        found += _syllables(word, middle)
    return found


def _syllables(word: LyricWord, phones: Sequence[TimedPhone]) -> list[Syllable]:
    vowels = [index for index, phone in enumerate(phones) if phone.is_vowel]
    if not vowels:
        raise ArgumentError(
            f"lyrics: {word.text!r} was spoken without a vowel to sing; write it as it sounds"
        )
    if word.is_divided:
        vowels = _merged(word, phones, vowels)
    syllables = []
    edges = [*vowels, len(phones)]
    for number, index in enumerate(vowels):
        first = edges[number - 1] + 1 if number else 0
        last = len(phones) if number == len(vowels) - 1 else index + 1
        syllables.append(
            Syllable(
                word.text,
                _span(phones[index]),
                tuple(map(_span, phones[first:index])),
                tuple(map(_span, phones[index + 1 : last])),
                _is_diphthong(phones[index]),
                1,
            )
        )
    extra = word.extra_notes if word.is_divided else (*[0] * (len(vowels) - 1), *word.extra_notes)
    return [evolve(each, notes=1 + more) for each, more in zip(syllables, extra, strict=True)]


def _merged(word: LyricWord, phones: Sequence[TimedPhone], vowels: list[int]) -> list[int]:
    """Return the vowels of as many syllables as the lyrics have; the shortest others are passed."""
    wanted = len(word.extra_notes)
    if len(vowels) < wanted:
        raise ArgumentError(
            f"lyrics: {word.text!r} is divided into {wanted} syllables but spoken in "
            f"{len(vowels)}; divide it so, and mark more notes by _"
        )
    longest = sorted(vowels, key=lambda index: phones[index].end - phones[index].start)
    return sorted(longest[len(vowels) - wanted :])


def _span(phone: TimedPhone) -> Span:
    return Span(phone.start, phone.end)


def _is_diphthong(phone: TimedPhone) -> bool:
    letters = [letter for letter in phone.text if letter not in _MODIFIERS]
    return len(letters) > MAX_PLAIN_VOWEL_LETTERS
