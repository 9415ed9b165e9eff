from __future__ import annotations

from typing import Any

import pytest

from autovoice_core import InputError
from autovoice_core.speech.lyrics import MAX_LYRICS_CHARACTERS, LyricWord, parse_lyrics


def test_lines_and_words_are_kept_with_their_punctuation() -> None:
    assert parse_lyrics("Row, row\n\n— your boat!") == [
        [LyricWord("Row,", (0,)), LyricWord("row", (0,))],
        [LyricWord("your", (0,)), LyricWord("boat!", (0,))],
    ]


def test_hyphens_divide_a_word_that_is_spoken_whole() -> None:
    assert parse_lyrics("twin-kle") == [[LyricWord("twinkle", (0, 0), parts=(("twin",), ("kle",)))]]


@pytest.mark.parametrize("lyrics", ["star__", "star_ _", "star - -", "star -_"])
def test_marks_after_a_word_hold_its_last_syllable(lyrics: str) -> None:
    assert parse_lyrics(lyrics) == [[LyricWord("star", (2,))]]


def test_marks_within_a_word_hold_the_syllable_before_them() -> None:
    parts = (("Glo",), ("ri",), ("a",))
    assert parse_lyrics("Glo__-ri-a") == [[LyricWord("Gloria", (2, 0, 0), parts)]]


def test_a_tie_within_a_word_joins_syllables_on_one_note() -> None:
    assert parse_lyrics("hea~ven-ly") == [
        [LyricWord("heavenly", (0, 0), (("hea", "ven"), ("ly",)))]
    ]
    assert parse_lyrics("fi_~re_") == [[LyricWord("fire", (2,), (("fi", "re"),))]]


@pytest.mark.parametrize(
    "lyrics", ["the ~eve-ning", "the~ eve-ning", "the ~ eve-ning", "the‿eve-ning"]
)
def test_a_tie_between_words_joins_them_on_one_note(lyrics: str) -> None:
    evening = LyricWord("evening", (0, 0), (("eve",), ("ning",)), joined=True)
    assert parse_lyrics(lyrics) == [[LyricWord("the", (0,)), evening]]


@pytest.mark.parametrize("lyrics", ["rock-'n'-roll_", "Rock-’N’_-roll"])
def test_an_and_between_hyphens_is_a_word_of_its_own(lyrics: str) -> None:
    words = parse_lyrics(lyrics)[0]
    assert [word.text.lower().strip("'’") for word in words] == ["rock", "n", "roll"]
    assert sum(1 + sum(word.extra_notes) for word in words) == 4


@pytest.mark.parametrize(
    ("lyrics", "message"),
    [
        (7, "lyrics: 7 is not text; give the words to sing"),
        (" \n…", "lyrics: hold no word; give the words to sing"),
        (
            "_ la",
            "lyrics: '_' at the beginning of a line has no syllable before it; put it after one",
        ),
        (
            "so\n~la",
            "lyrics: '~la' at the beginning of a line has no syllable before it; put it after one",
        ),
        (
            "_" * 5000,
            f"lyrics: '{'_' * 60}…' at the beginning of a line has no syllable before it; put it "
            "after one",
        ),
        (
            "so la ~\nti",
            "lyrics: the '~' after 'la', at the end of a line, has no syllable after it; put it "
            "before one",
        ),
        (
            "a" * (MAX_LYRICS_CHARACTERS + 1),
            "lyrics: 20001 characters are more than 20000; sing them in parts",
        ),
    ],
)
def test_what_can_t_be_sung_is_refused(lyrics: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_lyrics(lyrics)
    assert str(caught.value) == message
