from __future__ import annotations

import numpy as np
import pytest

from autovoice_core import PitchTrack
from autovoice_core.speech.syllables import Span, Syllable
from autovoice_core.speech.voicing import MAX_UNVOICED_SECONDS, with_voiced_vowels

HOP = 0.01


def pitch(first: float, last: float) -> PitchTrack:
    """Return a track that is voiced from ``first`` to ``last`` seconds."""
    times = HOP * np.arange(100)
    voiced = (times > first - HOP / 4) & (times < last + HOP / 4)
    return PitchTrack(np.full(100, 200.0), voiced, voiced.astype(np.float32), HOP)


def syllable(vowel: Span, onset: tuple[Span, ...] = (), coda: tuple[Span, ...] = ()) -> Syllable:
    return Syllable("word", vowel, onset, coda, False, 1)


BEFORE, VOWEL, AFTER = Span(0.2, 0.3), Span(0.3, 0.6), Span(0.6, 0.7)


def test_a_vowel_begins_and_ends_with_the_voice() -> None:
    (found,) = with_voiced_vowels([syllable(VOWEL, (BEFORE,), (AFTER,))], pitch(0.34, 0.55))
    assert found.onset[0].end == found.vowel.start == pytest.approx(0.335)
    assert found.vowel.end == found.coda[0].start == pytest.approx(0.555)
    assert (found.onset[0].start, found.coda[0].end) == (BEFORE.start, AFTER.end)


def test_consonants_of_other_syllables_take_what_is_not_voiced() -> None:
    syllables = [syllable(Span(0.1, 0.2), coda=(BEFORE,)), syllable(VOWEL)]
    first, second = with_voiced_vowels(syllables, pitch(0.34, 0.6))
    assert first.coda[0].end == second.vowel.start == pytest.approx(0.335)


def test_voice_that_is_hardly_found_costs_little_of_a_vowel() -> None:
    (found,) = with_voiced_vowels([syllable(VOWEL, (BEFORE,))], pitch(0.5, 0.6))
    assert found.vowel.start == pytest.approx(VOWEL.start + MAX_UNVOICED_SECONDS)


@pytest.mark.parametrize(
    ("onset", "voiced"),
    [
        pytest.param((BEFORE,), pitch(0.8, 0.9), id="whispered"),
        pytest.param((BEFORE,), pitch(0.3, 0.6), id="voiced"),
        pytest.param((), pitch(0.4, 0.5), id="without a consonant"),
        pytest.param((Span(0.1, 0.2),), pitch(0.4, 0.6), id="after a pause"),
    ],
)
def test_other_vowels_stay(onset: tuple[Span, ...], voiced: PitchTrack) -> None:
    syllables = [syllable(VOWEL, onset)]
    assert with_voiced_vowels(syllables, voiced) == syllables
