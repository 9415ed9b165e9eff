"""Adapter by which the tests call a speech engine, and the sentences that they have it speak."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from attrs import frozen

from autovoice_core._speech import Speech
from autovoice_core.backends.offer import Operation
from autovoice_core.testing.contracts.common.contract import Contract, Result
from autovoice_core.testing.contracts.common.tiers import Figures
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

    def sample_result(self, subject: Any) -> Result:
        """Return the sound of the sentence, and when its phones end."""
        language, sentence = self.sentence_of(subject)
        speech = subject.speak(sentence.text, language, seed=7)
        return speech.audio.numpy(), np.array([phone.end for phone in speech.phones])

    @staticmethod
    def difference(one: Result, other: Result) -> str | None:
        """Return how speech differs, or None."""
        for name, a, b in zip(("sound", "times"), one, other, strict=True):
            if a.shape != b.shape:
                return f"its {name} have the shape {b.shape}, not {a.shape}"
            if np.abs(a - b).max(initial=0.0) > 1e-4:
                return f"its {name} differ by up to {np.abs(a - b).max():.2g}"
        return None

    @staticmethod
    def quality_figures(subject: Any) -> Figures:
        """Return the figures of the tiers of speech."""
        for language, sentence in SENTENCES.items():
            if language in subject.languages:
                return {"": figures.speech_figures(subject.speak(sentence.text, language))}
        pytest.skip("unavailable here: no sentence to test with in the languages of the engine")
