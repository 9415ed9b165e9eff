"""The alignment of spoken syllables with notes: which moment of the speech is sung when.

A vowel begins with its note and carries its length; consonants are little longer than they are
spoken and lead the next note, as singers place them (J. Sundberg, "The Science of the Singing
Voice", 1987).
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from autovoice_core.speech.melody import MAX_LEGATO_GAP
from autovoice_core.speech.score import ScoreNote
from autovoice_core.speech.syllables import Span, Syllable

CONSONANT_STRETCH = 2.0
"""Factor by which a consonant is lengthened when it is sung."""
MAX_CONSONANT_SECONDS = 0.2
"""Seconds of the longest consonant that is sung."""
MAX_CONSONANT_SHARE = 0.5
"""Share of a note that the consonants before the next one take at most."""
CONSONANT_TAIL = 0.6
"""Share of a consonant, at its end, that keeps its speed: its burst, or the way to the vowel, which
would be heard as the vowel's beginning if it were slow."""
MIN_LEAD_SECONDS = 0.03
"""Seconds that the consonants of a note at the very beginning take of the note itself."""
VOWEL_EDGE, DIPHTHONG_HOLD = 0.35, 0.25
"""Share of a vowel, at its beginning and end, that keeps its speed; what lies between is held. Of a
diphthong the beginning is held."""


@frozen
class Segment:
    """A part of the speech, and when it is sung.

    Attributes
    ----------
    sung, spoken
        Seconds of the song, and of the speech.
    is_vowel
        Whether it is part of a vowel.
    """

    sung: Span
    spoken: Span
    is_vowel: bool


def align(syllables: Sequence[Syllable], groups: Sequence[Sequence[ScoreNote]]) -> list[Segment]:
    """Return the segments of the song, in order; what lies between them is silence.

    Parameters
    ----------
    syllables
        In order.
    groups
        For each syllable, the notes that it is sung on.
    """
    segments: list[Segment] = []
    first = groups[0][0].start
    lead = _lengths(syllables[0].onset, max(first, MIN_LEAD_SECONDS))
    vowel_start = max(first, sum(lead))
    segments += _consonants(syllables[0].onset, lead, vowel_start)
    for index, syllable in enumerate(syllables):
        end = groups[index][-1].end
        following = syllables[index + 1] if index + 1 < len(syllables) else None
        onset = following.onset if following else ()
        next_start = groups[index + 1][0].start if following else None
        if next_start is not None and next_start - end <= MAX_LEGATO_GAP:
            both = (*syllable.coda, *onset)
            lengths = _lengths(both, MAX_CONSONANT_SHARE * (next_start - vowel_start))
            segments += _vowel(syllable, Span(vowel_start, next_start - sum(lengths)))
            segments += _consonants(both, lengths, next_start)
        else:
            lengths = _lengths(syllable.coda, MAX_CONSONANT_SHARE * (end - vowel_start))
            segments += _vowel(syllable, Span(vowel_start, end - sum(lengths)))
            segments += _consonants(syllable.coda, lengths, end)
            if next_start is not None:
                segments += _consonants(onset, _lengths(onset, next_start - end), next_start)
        vowel_start = next_start if next_start is not None else end
    return segments


def _lengths(spoken: Sequence[Span], available: float) -> list[float]:
    """Return how long each consonant is sung, ``available`` seconds together at most."""
    natural = [min(CONSONANT_STRETCH * span.seconds, MAX_CONSONANT_SECONDS) for span in spoken]
    shrink = min(1.0, available / sum(natural)) if natural else 1.0
    return [shrink * seconds for seconds in natural]


def _consonants(spoken: Sequence[Span], lengths: Sequence[float], end: float) -> list[Segment]:
    """Return the segments of consonants that end at ``end``."""
    segments: list[Segment] = []
    for span, seconds in zip(reversed(spoken), reversed(lengths), strict=True):
        tail = CONSONANT_TAIL * min(span.seconds, seconds)
        for sung, kept in (
            (Span(end - tail, end), Span(span.end - tail, span.end)),
            (Span(end - seconds, end - tail), Span(span.start, span.end - tail)),
        ):
            segments.append(Segment(sung, kept, is_vowel=False))
        end -= seconds
    return segments[::-1]


def _vowel(syllable: Syllable, sung: Span) -> list[Segment]:
    """Return the segments of a vowel: its edges as they were spoken, its middle held."""
    spoken = syllable.vowel
    before, after = VOWEL_EDGE, 1.0 - VOWEL_EDGE
    if syllable.is_diphthong:
        before, after = DIPHTHONG_HOLD, DIPHTHONG_HOLD + 0.15
    if sung.seconds <= spoken.seconds:
        return [Segment(sung, spoken, is_vowel=True)]
    inner = Span(spoken.start + before * spoken.seconds, spoken.start + after * spoken.seconds)
    held = Span(
        sung.start + inner.start - spoken.start,
        sung.end - (spoken.end - inner.end),
    )
    return [
        Segment(Span(sung.start, held.start), Span(spoken.start, inner.start), is_vowel=True),
        Segment(held, inner, is_vowel=True),
        Segment(Span(held.end, sung.end), Span(inner.end, spoken.end), is_vowel=True),
    ]
