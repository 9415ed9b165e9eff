"""Tests that the same text and seed give the same speech."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from autovoice_core.testing.contracts.common.contract import Place
from autovoice_core.testing.contracts.speech.adapter import SpeechAdapter


class Repeats(SpeechAdapter):
    """Tests that nothing but text, language and seed matters."""

    def test_the_same_seed_gives_the_same_speech(self, place: Place) -> None:
        subject = self.subject(place)
        language, sentence = self.sentence_of(subject)
        first = subject.speak(sentence.text, language, seed=7)
        subject.speak("2", language, seed=1)
        for other in (subject, self.open(place)):
            assert other.speak(sentence.text, language, seed=7) == first, (
                f"{self.backend}: the second call with one seed gives other speech"
            )

    def test_two_threads_can_speak_at_once(self, place: Place) -> None:
        subject = self.subject(place)
        language, sentence = self.sentence_of(subject)
        texts = [sentence.text, "1 2 3", sentence.text, "3 2 1"]
        alone = [subject.speak(text, language) for text in texts]
        with ThreadPoolExecutor(2) as pool:
            together = list(pool.map(lambda text: subject.speak(text, language), texts))
        assert together == alone, f"{self.backend}: two threads at once get other speech than one"

    def test_it_prints_nothing(self, place: Place, capfd: pytest.CaptureFixture[str]) -> None:
        subject = self.subject(place)
        capfd.readouterr()
        self.spoken_sentence(subject)
        printed = "".join(capfd.readouterr())
        assert not printed, f"{self.backend} prints {printed[:60]!r}"
