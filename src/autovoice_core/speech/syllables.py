"""The syllables of speech, each around one vowel or hum, matched with the words of lyrics."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from attrs import evolve, frozen

from autovoice_core._errors import ArgumentError
from autovoice_core._speech import Speech, TimedPhone
from autovoice_core.speech.lyrics import LyricWord
from autovoice_core.speech.syllable_groups import carries, grouped

MAX_PLAIN_VOWEL_LETTERS = 1
"""Letters of a vowel that is no diphthong, without marks of length and nasality."""
_MODIFIERS = "ːˑ̃̆̈ˈˌ"
SYLLABIC = frozenset("mɱnɳŋɲlɫr")
"""Consonants that carry a note in a word without a vowel, such as "mmm"."""
MIN_SPELLED_LETTERS = 3
"""Letters of a word at least that isn't sung if it was spelled out; "mr" is "mister"."""


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
        When what carries its notes was spoken, mostly a vowel, and each of the phones before and
        after it: consonants, and the vowels of other syllables that share its note.
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
    """Return the syllables of ``words``, spoken in this order, those that share a note as one.

    Consonants between two vowels of a word belong to the later one.

    Raises
    ------
    ArgumentError
        The engine spoke another number of words, or one without a sound to hold, or spelled it out.
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
        syllables = _syllables(word, middle)
        if word.joined and found:
            syllables[0] = elided(found.pop(), syllables[0])
        found += syllables
    return found


def _syllables(word: LyricWord, phones: Sequence[TimedPhone]) -> list[Syllable]:
    if not any(phone.is_vowel for phone in phones):
        phones = _hummed(word, phones)
    vowels = [index for index, phone in enumerate(phones) if phone.is_vowel]
    if _is_spelled(word.text, len(vowels)):
        raise ArgumentError(
            f"lyrics: {word.text!r} was spelled out, as it has no vowel; write it as it sounds, or "
            "in capitals to have it spelled"
        )
    syllables, first = [], 0
    groups = grouped(word, phones, vowels)
    for number, (group, notes) in enumerate(groups, start=1):
        last = len(phones) if number == len(groups) else group[-1] + 1
        index = max(group, key=lambda each: carries(phones[each]))
        syllables.append(
            Syllable(
                word.text,
                _span(phones[index]),
                tuple(map(_span, phones[first:index])),
                tuple(map(_span, phones[index + 1 : last])),
                _is_diphthong(phones[index]),
                notes,
            )
        )
        first = last
    return syllables


def _hummed(word: LyricWord, phones: Sequence[TimedPhone]) -> list[TimedPhone]:
    """Return the phones of a word without a vowel, its longest hum as one phone that is a vowel."""
    runs = [list(run) for _, run in groupby(phones, key=lambda phone: phone.text[:1])]
    hums = [index for index, run in enumerate(runs) if run[0].text[:1] in SYLLABIC]
    if not hums:
        raise ArgumentError(
            f"lyrics: {word.text!r} was spoken without a vowel or a hum to sing; write it as it "
            "sounds"
        )
    at = max(hums, key=lambda index: runs[index][-1].end - runs[index][0].start)
    hum = evolve(runs[at][0], end=runs[at][-1].end, kind="vowel")
    before, after = (
        [phone for run in part for phone in run] for part in (runs[:at], runs[at + 1 :])
    )
    return [*before, hum, *after]


def _is_spelled(text: str, vowels: int) -> bool:
    """Return whether a sound such as "shh" was spoken letter by letter."""
    letters = [letter for letter in text if letter.isalpha()]
    return (
        MIN_SPELLED_LETTERS <= len(letters) <= vowels
        and text.isascii()
        and not text.isupper()
        and not set(text.lower()) & set("aeiouy")
    )


def elided(one: Syllable, other: Syllable) -> Syllable:
    """Return two syllables as one, which the longer vowel carries, on a note that both share."""
    word, notes = f"{one.word} {other.word}", one.notes + other.notes - 1
    if round(one.vowel.seconds - other.vowel.seconds, 3) >= 0:
        coda = (*one.coda, *other.onset, other.vowel, *other.coda)
        return evolve(one, word=word, coda=coda, notes=notes)
    onset = (*one.onset, one.vowel, *one.coda, *other.onset)
    return evolve(other, word=word, onset=onset, notes=notes)


def _span(phone: TimedPhone) -> Span:
    return Span(phone.start, phone.end)


def _is_diphthong(phone: TimedPhone) -> bool:
    letters = [letter for letter in phone.text if letter not in _MODIFIERS]
    return len(letters) > MAX_PLAIN_VOWEL_LETTERS
