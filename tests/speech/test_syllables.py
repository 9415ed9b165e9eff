from __future__ import annotations

import pytest
from spoken import speech_of

from autovoice_core import InputError
from autovoice_core.speech.lyrics import parse_lyrics
from autovoice_core.speech.syllables import Syllable, syllables_of


def syllables(lyrics: str) -> list[Syllable]:
    words = [word for line in parse_lyrics(lyrics) for word in line]
    return syllables_of(speech_of(" ".join(word.text for word in words)), words)


def test_each_vowel_is_a_syllable_and_consonants_lead_the_next_one() -> None:
    first, second, third = syllables("mastel os")
    assert [each.word for each in (first, second, third)] == ["mastel", "mastel", "os"]
    assert [len(each.onset) for each in (first, second, third)] == [1, 2, 0]
    assert [len(each.coda) for each in (first, second, third)] == [0, 1, 1]
    assert first.vowel.start == pytest.approx(0.16)
    assert first.vowel.seconds == pytest.approx(0.12)


def test_marks_give_a_syllable_more_notes() -> None:
    assert [each.notes for each in syllables("lala__ le_-lu")] == [1, 3, 2, 1]


def test_a_word_is_sung_in_as_many_syllables_as_the_lyrics_divide_it_into() -> None:
    assert len(syllables("mo-nana")) == 2


@pytest.mark.parametrize(
    ("lyrics", "message"),
    [
        (
            "m-a-s",
            "lyrics: 'mas' is divided into 3 syllables but spoken in 1; divide it so, and mark "
            "more notes by _",
        ),
        ("sss", "lyrics: 'sss' was spoken without a vowel to sing; write it as it sounds"),
    ],
)
def test_words_that_don_t_fit_are_named(lyrics: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        syllables(lyrics)
    assert str(caught.value) == message


def test_an_engine_that_spoke_other_words_is_told_of() -> None:
    with pytest.raises(InputError) as caught:
        syllables_of(speech_of("one two"), parse_lyrics("12")[0])
    assert str(caught.value) == (
        "lyrics: '12' was spoken as 2 words; write numbers, signs and abbreviations as words"
    )
