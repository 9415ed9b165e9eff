"""Groups of the spoken vowels of a word that share notes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from autovoice_core._speech import TimedPhone
from autovoice_core.speech.lyrics import LyricWord

Group = tuple[list[int], int]
"""The places of vowels among the phones of a word, and the number of their notes."""


def carries(phone: TimedPhone) -> tuple[bool, float]:
    """Return how fit a vowel is to be held: stressed ones before others, then the longest.

    Seconds are rounded, so that of vowels of one length the first is held.
    """
    return phone.stress > 0, round(phone.end - phone.start, 3)


def grouped(word: LyricWord, phones: Sequence[TimedPhone], vowels: Sequence[int]) -> list[Group]:
    """Return the vowels of a word in groups, in order; each shares its notes.

    A word that the lyrics don't divide has a group for each vowel, but no more than there are notes
    where a score gives it some. Else there is one for each part, or, where the parts are more than
    the vowels, one for each vowel, which is held over the parts nearest to it.

    Parameters
    ----------
    word
        The word as the lyrics have it.
    phones
        As spoken.
    vowels
        The places of the vowels in ``phones``, one at least.
    """
    given, count = len(word.extra_notes) + sum(word.extra_notes), len(vowels)
    if not word.parts:
        if word.fitted and given <= count:
            return [(group, 1) for group in _merged(phones, vowels, given)]
        last = given - count + 1 if word.fitted else given
        return [([vowel], 1) for vowel in vowels[:-1]] + [([vowels[-1]], last)]
    notes = [1 + extra for extra in word.extra_notes]
    if sum(map(len, word.parts)) == count:
        ends = list(accumulate(map(len, word.parts), initial=0))
        groups = [list(vowels[start:end]) for start, end in pairwise(ends)]
    elif len(notes) <= count:
        groups = _merged(phones, vowels, len(notes))
    else:
        ends = _nearest_parts(word, [(vowel + 0.5) / len(phones) for vowel in vowels])
        return [
            ([vowel], sum(notes[start:end]))
            for vowel, (start, end) in zip(vowels, pairwise(ends), strict=True)
        ]
    return list(zip(groups, notes, strict=True))


def _merged(phones: Sequence[TimedPhone], vowels: Sequence[int], count: int) -> list[list[int]]:
    """Return vowels in ``count`` groups, each around one of those that are fittest to be held."""
    fittest = sorted(vowels, key=lambda vowel: carries(phones[vowel]), reverse=True)[:count]
    starts = [0, *(vowels.index(vowel) for vowel in sorted(fittest)[1:]), len(vowels)]
    return [list(vowels[start:end]) for start, end in pairwise(starts)]


def _nearest_parts(word: LyricWord, vowels: Sequence[float]) -> list[int]:
    """Return the edges of the parts that each vowel, of a place from 0 to 1, is held over."""
    lengths = [sum(map(len, part)) for part in word.parts]
    centres = [
        (end - 0.5 * length) / sum(lengths)
        for end, length in zip(accumulate(lengths), lengths, strict=True)
    ]
    edges = [0]
    for number, (one, other) in enumerate(pairwise(vowels), start=1):
        near = sum(centre < 0.5 * (one + other) for centre in centres)
        # Each vowel gets one part at least, those that follow too.
        edges.append(min(max(near, edges[-1] + 1), len(centres) - len(vowels) + number))
    return [*edges, len(centres)]
