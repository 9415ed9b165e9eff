from __future__ import annotations

import pytest
from attrs import evolve
from spoken import speech_of

from autovoice_core import InputError
from autovoice_core.speech.lyrics import LyricWord, parse_lyrics
from autovoice_core.speech.syllables import Span, Syllable, elided, syllables_of


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


def test_tied_syllables_share_their_notes_and_the_first_is_held() -> None:
    first, second = syllables("ma~sel-no")
    assert (len(first.onset), len(first.coda), first.notes) == (1, 2, 1)
    assert (len(second.onset), len(second.coda), second.notes) == (2, 0, 1)
    tied, last = syllables("la ~mo-na")
    assert (tied.word, len(tied.onset), len(tied.coda)) == ("la mona", 1, 2)
    assert (last.word, len(last.onset)) == ("mona", 1)


def test_tied_words_have_the_notes_of_both_but_for_the_one_they_share() -> None:
    assert [each.notes for each in syllables("la_ ~mo__-na")] == [4, 1]
    long = evolve(syllables("mo")[0], vowel=Span(0.0, 1.0))
    assert elided(syllables("la")[0], long).vowel == long.vowel


def test_syllables_that_are_not_spoken_hold_the_vowel_nearest_to_them() -> None:
    assert [each.notes for each in syllables("m-a-s")] == [3]
    assert [each.notes for each in syllables("in-ti-lo_-nam-os")] == [1, 1, 2, 1, 1]
    assert [each.notes for each in syllables("a-mm-ss-o")] == [2, 2]


def test_a_word_of_a_score_fits_its_notes() -> None:
    speech = speech_of("melona")
    for extra, notes in ((0, [1]), (1, [1, 1]), (2, [1, 1, 1]), (4, [1, 1, 3])):
        word = LyricWord("melona", (extra,), fitted=True)
        assert [each.notes for each in syllables_of(speech, [word])] == notes


def test_a_hum_carries_a_note() -> None:
    (hum,) = syllables("smmm")
    assert (len(hum.onset), len(hum.coda), hum.is_diphthong) == (1, 0, False)
    assert hum.vowel.seconds == pytest.approx(0.18)


def test_the_stressed_vowel_is_held() -> None:
    speech = speech_of("melona")
    phones = [evolve(each, stress=2 * (each.text == "o")) for each in speech.phones]
    (syllable,) = syllables_of(evolve(speech, phones=tuple(phones)), parse_lyrics("me~lo~na")[0])
    assert (len(syllable.onset), len(syllable.coda)) == (3, 2)


def test_a_word_is_sung_in_as_many_syllables_as_the_lyrics_divide_it_into() -> None:
    assert len(syllables("mo-nana")) == 2


@pytest.mark.parametrize(
    ("lyrics", "message"),
    [
        ("sss", "lyrics: 'sss' was spoken without a vowel or a hum to sing; write it as it sounds"),
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


def test_a_sound_that_was_spelled_out_is_refused_unless_in_capitals() -> None:
    spelled = speech_of("esetec")
    assert len(syllables_of(spelled, parse_lyrics("STC")[0])) == 3
    with pytest.raises(InputError) as caught:
        syllables_of(spelled, parse_lyrics("stc")[0])
    assert str(caught.value) == (
        "lyrics: 'stc' was spelled out, as it has no vowel; write it as it sounds, or in capitals "
        "to have it spelled"
    )
