from __future__ import annotations

import pytest

from autovoice_core import InputError
from autovoice_core.speech.score import ScoreNote
from autovoice_core.speech.sing import laid_on
from autovoice_core.speech.syllables import Span, Syllable

NOTES = [ScoreNote(number, number + 1.0, 60, bar=1 + number // 2) for number in range(4)]


def syllable(word: str, notes: int = 1) -> Syllable:
    return Syllable(word, Span(0.1, 0.2), (), (), False, notes)


def test_each_syllable_gets_its_notes() -> None:
    groups = laid_on([syllable("one"), syllable("two", 2), syllable("three")], NOTES)
    assert groups == [NOTES[:1], NOTES[1:3], NOTES[3:]]


def test_too_many_syllables_name_the_bar_and_the_word() -> None:
    with pytest.raises(InputError) as caught:
        laid_on([syllable(word, 2) for word in ("one", "two", "three")], NOTES)
    assert str(caught.value) == (
        "lyrics: the syllables need 6 notes, but the melody has 4: the last one, at bar 2, is "
        "reached before the end of 'three'; add notes, shorten the lyrics, or join syllables on "
        "one note by ~, as in heav~en"
    )


def test_one_note_is_counted_as_one() -> None:
    with pytest.raises(InputError, match=r"^lyrics: the syllables need 1 note, but the melody"):
        laid_on([syllable("one")], NOTES)


def test_too_many_notes_name_the_bar_and_the_word() -> None:
    with pytest.raises(InputError) as caught:
        laid_on([syllable("one"), syllable("two")], NOTES)
    assert str(caught.value) == (
        "lyrics: the syllables need 2 notes, but the melody has 4: from the note at bar 2 on, "
        "after 'two', there is nothing to sing; add words, or hold a syllable over more notes by _"
    )
