"""Tests that an engine speaks the languages that it claims, and refuses others."""

from __future__ import annotations

import pytest

from autovoice_core._errors import InputError
from autovoice_core._speech import Speech
from autovoice_core.testing.contracts.common.contract import Place, refusal
from autovoice_core.testing.contracts.speech.adapter import NUMERALS, SpeechAdapter

UNCLAIMED = "qaa-x-none"
"""A tag that is reserved for private use."""

WITHOUT_TH = frozenset(
    {"cs", "de", "fi", "fr", "hu", "it", "ja", "nl", "pl", "pt", "ru", "sv", "zh"}
)
"""Languages without the sounds of English "th", with which it says 3."""

FOREIGN = {"en": "你好世界", "de": "你好世界", "fr": "你好世界", "es": "你好世界", "it": "你好世界"}
"""Text in a script that has no letters of a language."""


class Languages(SpeechAdapter):
    """Tests of the languages of an engine."""

    def test_every_language_claimed_is_spoken(self, place: Place) -> None:
        subject = self.subject(place)
        for language in sorted(subject.languages):
            speech = subject.speak(NUMERALS, language)
            assert len(speech.words) >= 1, f"{self.backend} says nothing in {language}"
            assert any(phone.is_vowel for phone in speech.phones), (
                f"{self.backend} says {NUMERALS!r} in {language} without a vowel"
            )

    def test_no_language_is_spoken_as_another(self, place: Place) -> None:
        subject = self.subject(place)
        spoken = {tag: _phones(subject.speak(NUMERALS, tag)) for tag in sorted(subject.languages)}
        english = {phones for tag, phones in spoken.items() if _base(tag) == "en"}
        for tag, phones in spoken.items():
            foreign = _base(tag) in WITHOUT_TH and {"θ", "ð"} & set(phones)
            alike = foreign or (_base(tag) != "en" and phones in english)
            assert not alike, (
                f"{self.backend} says {NUMERALS!r} in {tag} as in English: {' '.join(phones)}"
            )

    @refusal
    def test_a_language_not_claimed_is_refused(self, place: Place) -> None:
        subject = self.subject(place)
        for call in (subject.speak, subject.sentences):
            with pytest.raises(InputError):
                call(NUMERALS, UNCLAIMED)

    @refusal
    def test_text_in_another_script_is_refused(self, place: Place) -> None:
        subject = self.subject(place)
        language, sentence = self.sentence_of(subject)
        foreign = FOREIGN[_base(language)]
        for text in (foreign, f"{sentence.text[:-1]} {foreign}."):
            try:
                speech = subject.speak(text, language)
            except InputError:
                continue
            pytest.fail(
                f"{self.backend} speaks {text!r} in {language} as "
                f"{' '.join(word.text for word in speech.words)!r}; raise InputError for what "
                "can't be spoken"
            )


def _base(tag: str) -> str:
    return tag.casefold().partition("-")[0]


def _phones(speech: Speech) -> tuple[str, ...]:
    return tuple(phone.text for phone in speech.phones if phone.kind != "pause")
