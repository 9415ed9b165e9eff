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
    assert parse_lyrics("twin-kle") == [[LyricWord("twinkle", (0, 0))]]


@pytest.mark.parametrize("lyrics", ["star__", "star_ _", "star - -", "star -_"])
def test_marks_after_a_word_hold_its_last_syllable(lyrics: str) -> None:
    assert parse_lyrics(lyrics) == [[LyricWord("star", (2,))]]


def test_marks_within_a_word_hold_the_syllable_before_them() -> None:
    assert parse_lyrics("Glo__-ri-a") == [[LyricWord("Gloria", (2, 0, 0))]]


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
            "a" * (MAX_LYRICS_CHARACTERS + 1),
            "lyrics: 20001 characters are more than 20000; sing them in parts",
        ),
    ],
)
def test_what_can_t_be_sung_is_refused(lyrics: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_lyrics(lyrics)
    assert str(caught.value) == message
