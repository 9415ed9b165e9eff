"""Adapter by which the tests call a speech engine, and the sentences that they have it speak."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from attrs import frozen

from autovoice_core._speech import Speech
from autovoice_core.backends.offer import Operation
from autovoice_core.testing.contracts.common.contract import Contract
from autovoice_core.testing.contracts.speech import figures

NUMERALS = "1 2 3"
"""Text that every language can speak."""


@frozen
class Sentence:
    """A sentence with many sibilants, and the phones that each of its words may begin with."""

    text: str
    initials: tuple[str, ...]


SENTENCES = {
    "en": Sentence(
        "Six cats chase two fish past the big mossy lake.",
        ("s", "k", "tʃ t", "t", "f", "p", "ð", "b", "m", "l"),
    ),
    "de": Sentence(
        "Sechs Katzen suchen bis Mittag zwei süße Tassen.",
        ("z s", "k", "z s", "b", "m", "ts t", "z s", "t"),
    ),
    "fr": Sentence("Six chats passent sous la table basse.", ("s", "ʃ", "p", "s", "l", "t", "b")),
    "es": Sentence(
        "Seis casas tienen mesas sucias sin luces.", ("s", "k", "t", "m", "s", "s", "l")
    ),
    "it": Sentence("Sei case basse sono sopra la spiaggia.", ("s", "k", "b", "s", "s", "l", "s")),
}


class SpeechAdapter(Contract):
    """Calls of a speech engine."""

    operation: ClassVar[Operation] = "speech"

    def sentence_of(self, subject: Any) -> tuple[str, Sentence]:
        """Return a language that the engine speaks, and a sentence in it; else skip the test."""
        for language, sentence in SENTENCES.items():
            for tag in sorted(subject.languages):
                if tag.casefold().partition("-")[0] == language:
                    return tag, sentence
        pytest.skip("unavailable here: no sentence to test with in the languages of the engine")

    def spoken_sentence(self, subject: Any) -> tuple[Sentence, Speech]:
        """Return the sentence, and the speech that the engine made of it."""
        language, sentence = self.sentence_of(subject)
        return sentence, subject.speak(sentence.text, language)

    @staticmethod
    def quality_figures(subject: Any) -> dict[str, float]:
        """Return the figures of the tiers of speech."""
        for language, sentence in SENTENCES.items():
            if language in subject.languages:
                return figures.speech_figures(subject.speak(sentence.text, language))
        pytest.skip("unavailable here: no sentence to test with in the languages of the engine")
