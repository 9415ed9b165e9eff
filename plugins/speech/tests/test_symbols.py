"""Phones and words with times, from symbols and their durations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core import Audio
from autovoice_core._speech import Speech
from autovoice_speech.english import Pronunciation
from autovoice_speech.symbols import phones_and_words

RATE = 8000
SEE = Pronunciation("sˈi, jˌA.", (0, 0, 0, -1, -1, 1, 1, 1, -1), ("see", "yay"))
ENDS = np.array([0.2, 0.3, 0.35, 0.5, 0.6, 0.65, 0.7, 0.75, 0.9, 1.0, 1.1])
"""Of the opening symbol, those of SEE, and the closing one."""


def tone(*spans: tuple[float, float], seconds: float = 1.1) -> Audio:
    """Return a tone in ``spans`` of seconds, amid silence."""
    times = np.arange(round(seconds * RATE)) / RATE
    on = np.any([(times >= start) & (times < end) for start, end in spans], axis=0)
    return Audio((0.1 * on * np.sin(2 * np.pi * 400 * times)).astype(np.float32), RATE)


def test_phones_get_ipa_kinds_and_the_stress_of_their_vowel() -> None:
    phones, _ = phones_and_words(SEE, ENDS, 0.0, tone((0.2, 0.5), (0.6, 0.9)))
    assert [(phone.text, phone.kind, phone.stress) for phone in phones] == [
        ("", "pause", 0),
        ("s", "consonant", 0),
        ("i", "vowel", 1),
        ("", "pause", 0),
        ("j", "consonant", 0),
        ("eɪ", "vowel", 2),
        ("", "pause", 0),
    ]


def test_spaces_and_marks_of_stress_belong_to_the_phone_after_them() -> None:
    phones, words = phones_and_words(SEE, ENDS, 0.0, tone((0.2, 0.5), (0.6, 0.9)))
    assert [phone.end for phone in phones] == pytest.approx([0.2, 0.3, 0.5, 0.6, 0.7, 0.9, 1.1])
    assert [(word.text, word.start, word.end) for word in words] == [
        ("see", pytest.approx(0.2), pytest.approx(0.5)),
        ("yay", pytest.approx(0.6), pytest.approx(0.9)),
    ]


def test_sound_precedes_its_symbols_by_the_lead() -> None:
    phones, _ = phones_and_words(SEE, ENDS, 0.05, tone((0.15, 0.45), (0.55, 0.85)))
    assert [phone.end for phone in phones][:3] == pytest.approx([0.15, 0.25, 0.45])
    assert phones[-1].end == pytest.approx(1.1)


def test_pauses_are_where_it_is_quiet() -> None:
    phones, _ = phones_and_words(SEE, ENDS, 0.0, tone((0.25, 0.44), (0.64, 0.8)))
    pauses = [(phone.start, phone.end) for phone in phones if phone.kind == "pause"]
    assert pauses == [
        (0.0, pytest.approx(0.25)),
        (pytest.approx(0.44), pytest.approx(0.64)),
        (pytest.approx(0.8), pytest.approx(1.1)),
    ]


def test_a_pause_without_silence_vanishes() -> None:
    phones, _ = phones_and_words(SEE, ENDS, 0.0, tone((0.2, 0.9)))
    assert [phone.text for phone in phones] == ["", "s", "i", "j", "eɪ", ""]
    assert phones[2].end == phones[3].start == pytest.approx(0.55)


def test_the_closure_of_a_stop_is_no_pause() -> None:
    spoken = Pronunciation("ˈɑk, ɹˈi.", (0, 0, 0, -1, -1, 1, 1, 1, -1), ("ock", "ree"))
    ends = np.array([0.1, 0.15, 0.25, 0.4, 0.45, 0.5, 0.6, 0.65, 0.8, 0.9, 1.0])
    audio = tone((0.1, 0.27), (0.35, 0.8), seconds=1.0)
    phones, _ = phones_and_words(spoken, ends, 0.0, audio)
    assert [phone.text for phone in phones] == ["", "ɑ", "k", "ɹ", "i", ""]
    assert phones[2].start == pytest.approx(0.25)
    assert phones[2].end == phones[3].start == pytest.approx(0.425)


@given(
    st.lists(st.integers(1, 8), min_size=len(ENDS), max_size=len(ENDS)),
    st.lists(st.tuples(st.floats(0, 2), st.floats(0.005, 0.3)), max_size=8),
    st.floats(0, 0.05),
)
def test_times_fill_the_audio_wherever_it_is_quiet(
    lengths: list[int], sounds: list[tuple[float, float]], lead: float
) -> None:
    ends = 0.05 + 0.025 * np.cumsum(lengths)
    spans = [(start, start + length) for start, length in sounds]
    audio = tone(*spans, (0, 0.1), seconds=ends[-1])
    speech = Speech(audio, *phones_and_words(SEE, ends, lead, audio))
    assert "".join(phone.text for phone in speech.phones) == "sijeɪ"
    assert [word.text for word in speech.words] == ["see", "yay"]


def test_a_mark_of_length_lengthens_the_phone_before_it() -> None:
    spoken = Pronunciation("iːt", (0, 0, 0), ("eat",))
    phones, _ = phones_and_words(spoken, np.array([0.1, 0.2, 0.4, 0.5, 0.6]), 0.0, tone((0.1, 0.5)))
    vowel = phones[1]
    assert (vowel.text, vowel.start, vowel.end) == ("iː", pytest.approx(0.1), pytest.approx(0.4))
