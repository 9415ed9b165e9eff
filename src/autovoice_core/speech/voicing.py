"""Vowels that begin and end with the voice, as the sound has it.

Times of phones are off by up to 50 ms: the breath after a stop, or the hiss next to a vowel, can be
part of the vowel. Sung as such they would be voiced, a k heard as a g, and the note begin late.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from attrs import evolve

from autovoice_core._types import PitchTrack
from autovoice_core.speech.syllables import Span, Syllable

MAX_UNVOICED_SECONDS, MAX_UNVOICED_SHARE = 0.08, 0.4
"""Seconds, and share of a vowel, that either of its neighbours takes from it at most."""
CONTIGUOUS = 1e-3
"""Seconds between two phones that follow each other, at most."""


def with_voiced_vowels(syllables: Sequence[Syllable], pitch: PitchTrack) -> list[Syllable]:
    """Return syllables in whose vowels what is not voiced belongs to the consonant beside it.

    Parameters
    ----------
    syllables
        As spoken, in order.
    pitch
        The pitch of the speech.
    """
    spans = [span for each in syllables for span in _spans(each)]
    is_vowel = [span is each.vowel for each in syllables for span in _spans(each)]
    voiced = [
        _voiced_part(span, pitch) if vowel else span
        for span, vowel in zip(spans, is_vowel, strict=True)
    ]
    for index in range(1, len(spans)):
        one, other = spans[index - 1], spans[index]
        if other.start - one.end < CONTIGUOUS and is_vowel[index - 1] != is_vowel[index]:
            edge = voiced[index].start if is_vowel[index] else voiced[index - 1].end
            spans[index - 1], spans[index] = evolve(one, end=edge), evolve(other, start=edge)
    rest = iter(spans)
    return [
        evolve(
            each,
            onset=tuple(islice(rest, len(each.onset))),
            vowel=next(rest),
            coda=tuple(islice(rest, len(each.coda))),
        )
        for each in syllables
    ]


def _spans(syllable: Syllable) -> tuple[Span, ...]:
    return (*syllable.onset, syllable.vowel, *syllable.coda)


def _voiced_part(vowel: Span, pitch: PitchTrack) -> Span:
    """Return a vowel from its first voiced frame to its last, within limits."""
    inside = (pitch.times >= vowel.start) & (pitch.times <= vowel.end) & pitch.voiced
    times = pitch.times[inside]
    if not times.size:
        return vowel
    most = min(MAX_UNVOICED_SECONDS, MAX_UNVOICED_SHARE * vowel.seconds)
    return Span(
        min(max(vowel.start, float(times[0]) - pitch.hop / 2), vowel.start + most),
        max(min(vowel.end, float(times[-1]) + pitch.hop / 2), vowel.end - most),
    )
