"""Tests that all of a text is spoken, in pieces of bounded length."""

from __future__ import annotations

import re

import pytest

from autovoice_core._errors import InputError
from autovoice_core._speech import MAX_SENTENCE_CHARACTERS
from autovoice_core.testing.contracts.common.contract import Place, refusal
from autovoice_core.testing.contracts.speech.adapter import SpeechAdapter

LONG_TEXT = 100_000
"""Characters of a long text."""


class Texts(SpeechAdapter):
    """Tests of what is spoken of a text."""

    def test_the_words_are_those_of_the_text(self, place: Place) -> None:
        sentence, speech = self.spoken_sentence(self.subject(place))
        wanted = re.findall(r"\w+", sentence.text.casefold())
        found = [word.text.casefold() for word in speech.words]
        assert found == wanted, (
            f"{self.backend}: the words of {sentence.text!r} are {' '.join(found)!r}"
        )

    def test_sentences_are_pieces_of_their_own(self, place: Place) -> None:
        subject = self.subject(place)
        language, sentence = self.sentence_of(subject)
        pieces = subject.sentences(f"{sentence.text} {sentence.text}\n{sentence.text}", language)
        assert [piece.strip() for piece in pieces] == [sentence.text] * 3, (
            f"{self.backend} cuts three sentences into {len(pieces)} pieces"
        )

    def test_a_long_text_is_cut_into_pieces(self, place: Place) -> None:
        subject = self.subject(place)
        language, sentence = self.sentence_of(subject)
        clause = sentence.text[:-1].lower()
        for text in (clause + ", ", clause + " ", "s"):
            whole = text * (LONG_TEXT // len(text))
            pieces = subject.sentences(whole, language)
            longest = max(map(len, pieces))
            assert longest <= MAX_SENTENCE_CHARACTERS, (
                f"{self.backend}: a piece has {longest} characters"
            )

    @refusal
    def test_text_without_a_word_is_refused(self, place: Place) -> None:
        subject = self.subject(place)
        language, _ = self.sentence_of(subject)
        for text in ("", " \n\t", "…!?", "🎵"):
            for call in (subject.speak, subject.sentences):
                with pytest.raises(InputError):
                    call(text, language)
