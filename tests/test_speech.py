"""Speech: times that fill the audio, and sentences joined."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from attrs import evolve

from autovoice_core import Audio, InputError
from autovoice_core._speech import Speech, TimedPhone, TimedWord

SH = TimedPhone("ʃ", 0.1, 0.2, "consonant")
E = TimedPhone("iː", 0.2, 0.45, "vowel", stress=1)
PHONES = (TimedPhone("", 0, 0.1, "pause"), SH, E, TimedPhone("", 0.45, 0.5, "pause"))
WORDS = (TimedWord("she", 0.1, 0.45),)


def speech(phones: Any = PHONES, words: Any = WORDS, channels: int = 1) -> Speech:
    return Speech(Audio(np.full((channels, 4000), 0.1, np.float32), 8000), phones, words)


def test_a_phone_says_whether_it_is_a_vowel() -> None:
    assert [phone.is_vowel for phone in speech().phones] == [False, False, True, False]


def test_speech_is_shown_by_its_words_and_length() -> None:
    assert repr(speech()) == "Speech('she', 0.50 s)"


FAULTS = {
    "it has no phones": ((), ()),
    "phone 'iː' is of kind 'tone', which is none": (
        (*PHONES[:2], evolve(E, kind="tone"), PHONES[3]),
        WORDS,
    ),
    "a pause at 0.100 s has the text 'ʃ'": ((PHONES[0], evolve(SH, kind="pause"), E), WORDS),
    "phone 'ʃ' does not end after it begins, at 0.100 s": (
        (PHONES[0], evolve(SH, end=0.1), *PHONES[2:]),
        WORDS,
    ),
    "the first phone begins at 0.100 s, not at 0": (PHONES[1:], WORDS),
    "phone 'iː' begins at 0.210 s, not where 'ʃ' ends, at 0.200 s": (
        (*PHONES[:2], evolve(E, start=0.21), PHONES[3]),
        WORDS,
    ),
    "the last phone ends at 0.450 s, the audio at 0.500 s": (PHONES[:3], WORDS),
    "a word at 0.100 s has no text": (PHONES, (TimedWord(" ", 0.1, 0.45),)),
    "word 'she' does not end after it begins, at 0.200 s": (PHONES, (TimedWord("she", 0.2, 0.2),)),
    "word 'she' begins at 0.150 s, where no phone does": (PHONES, (TimedWord("she", 0.15, 0.45),)),
    "word 'she' ends at 0.500 s, where no phone does": (PHONES, (TimedWord("she", 0.1, 0.5),)),
    "word 'e' begins before 'she' ends, at 0.450 s": (PHONES, (*WORDS, TimedWord("e", 0.2, 0.45))),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_times_that_break_a_rule_are_refused(fault: str) -> None:
    with pytest.raises(InputError, match=f"^speech: {re.escape(fault)}$"):
        speech(*FAULTS[fault])


def test_speech_of_two_channels_is_refused() -> None:
    with pytest.raises(InputError, match=r"^speech: the audio has 2 channels, not 1$"):
        speech(channels=2)


def test_a_time_that_is_no_number_is_refused() -> None:
    with pytest.raises(InputError, match="time: 'soon' is not a finite number of seconds"):
        TimedWord("she", "soon", 1)  # type: ignore[arg-type]


def test_joined_sentences_have_times_from_the_beginning_of_the_first() -> None:
    joined = Speech.join([speech(), speech()])
    assert joined.audio.duration == 1.0
    assert [word.start for word in joined.words] == [0.1, 0.6]
    assert [phone.text for phone in joined.phones] == ["", "ʃ", "iː", "", "", "ʃ", "iː", ""]


def test_sentences_of_different_sample_rates_are_not_joined() -> None:
    other = evolve(speech(), audio=Audio(np.zeros((1, 8000), np.float32), 16_000))
    with pytest.raises(InputError, match="parts of 2 sample rates can't be joined as one"):
        Speech.join([speech(), other])
    with pytest.raises(InputError, match="parts of 0 sample rates can't be joined as one"):
        Speech.join([])
