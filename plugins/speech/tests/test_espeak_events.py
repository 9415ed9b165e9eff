"""Phones and words with times, from the events of espeak-ng."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autovoice_core import Audio, InputError
from autovoice_speech.espeak_events import phones_and_words

SECOND = Audio(np.zeros(8000, np.float32), 8000)
SUN: list[list[Any]] = [
    ["word", 0, 0],
    ["phone", 400, "ð"],
    ["phone", 800, "ə"],
    ["word", 1600, 4],
    ["phone", 1600, "s"],
    ["phone", 2400, "ˈʌ"],
    ["phone", 4000, "n"],
    ["phone", 6000, ""],
    ["phone", 7000, ""],
]


def test_phones_fill_the_audio_and_carry_stress() -> None:
    phones, words = phones_and_words("The sun.", SUN, SECOND)
    assert [(p.text, p.start, p.end, p.kind, p.stress) for p in phones] == [
        ("ð", 0.0, 0.1, "consonant", 0),
        ("ə", 0.1, 0.2, "vowel", 0),
        ("s", 0.2, 0.3, "consonant", 0),
        ("ʌ", 0.3, 0.5, "vowel", 1),
        ("n", 0.5, 0.75, "consonant", 0),
        ("", 0.75, 1.0, "pause", 0),
    ]
    assert [(w.text, w.start, w.end) for w in words] == [("The", 0.0, 0.2), ("sun", 0.2, 0.75)]


def test_words_that_are_spoken_as_one_are_one() -> None:
    events = [["word", 0, 0], ["phone", 0, "ə"], ["word", 4000, 7], ["phone", 4000, "s"]]
    _, words = phones_and_words("of the sun", events, SECOND)
    assert [word.text for word in words] == ["of the", "sun"]


def test_tones_and_switches_of_language_are_no_phones() -> None:
    events = [["word", 0, 0], ["phone", 0, "(en)"], ["phone", 0, "a"], ["phone", 4000, "˥"]]
    phones, _ = phones_and_words("a", events, SECOND)
    assert [(phone.text, phone.end) for phone in phones] == [("a", 1.0)]


def test_a_text_of_which_nothing_is_spoken_is_refused() -> None:
    with pytest.raises(InputError, match=r"^text: 'a' holds nothing that espeak-ng can speak$"):
        phones_and_words("a", [["phone", 0, ""]], SECOND)
