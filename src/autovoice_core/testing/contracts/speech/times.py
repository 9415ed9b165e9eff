"""Tests that the times of phones and words are those of the sound."""

from __future__ import annotations

import numpy as np

from autovoice_core._speech import Speech
from autovoice_core.testing.contracts.common.contract import Place
from autovoice_core.testing.contracts.speech import figures
from autovoice_core.testing.contracts.speech.adapter import SpeechAdapter

LARGEST_OFFSET = 0.04
"""Seconds by which times may be early or late."""
LEAST_AGREEMENT = 0.4
"""Correlation of sibilants with hiss: 0.7 to 0.9 for true times, under 0.3 for even ones."""


class Times(SpeechAdapter):
    """Tests of the times of phones and words, against the sound."""

    def test_phones_are_where_they_sound(self, place: Place) -> None:
        _, speech = self.spoken_sentence(self.subject(place))
        offset = figures.best_shift(speech)
        assert abs(offset) <= LARGEST_OFFSET, (
            f"{self.backend}: phones sound {abs(1000 * offset):.0f} ms "
            f"{'before' if offset < 0 else 'after'} the times that it states"
        )
        found = figures.agreement(speech, 0.0)
        assert found >= LEAST_AGREEMENT, (
            f"{self.backend}: the times of s, sh and the like have a correlation of {found:.2f} "
            f"with the hiss of the sound, under {LEAST_AGREEMENT}"
        )

    def test_words_begin_with_their_own_phones(self, place: Place) -> None:
        sentence, speech = self.spoken_sentence(self.subject(place))
        for word, allowed in zip(speech.words, sentence.initials, strict=False):
            first = min(speech.phones, key=lambda phone: abs(phone.start - word.start))
            assert any(first.text.startswith(phone) for phone in allowed.split()), (
                f"{self.backend}: the word {word.text!r} begins with the phone {first.text!r}, "
                f"not with {allowed.replace(' ', ' or ')}"
            )

    def test_every_phone_that_is_spoken_belongs_to_a_word(self, place: Place) -> None:
        _, speech = self.spoken_sentence(self.subject(place))
        for phone in speech.phones:
            middle = (phone.start + phone.end) / 2
            inside = any(word.start <= middle <= word.end for word in speech.words)
            assert inside == (phone.kind != "pause"), (
                f"{self.backend}: {phone.text or 'a pause'!r} at {phone.start:.2f} s is "
                f"{'inside a word' if inside else 'in no word'}"
            )

    def test_every_word_sounds_and_pauses_are_quiet(self, place: Place) -> None:
        _, speech = self.spoken_sentence(self.subject(place))
        spoken = _level(speech, [(word.start, word.end) for word in speech.words])
        for word in speech.words:
            level = _level(speech, [(word.start, word.end)])
            assert level > spoken - 30, (
                f"{self.backend}: the word {word.text!r} is {spoken - level:.0f} dB quieter than "
                "the sentence"
            )
        pauses = [(phone.start, phone.end) for phone in speech.phones if phone.kind == "pause"]
        if pauses:
            level = _level(speech, pauses)
            than = "quieter" if level < spoken else "louder"
            assert level < spoken - 12, (
                f"{self.backend}: pauses are {abs(spoken - level):.0f} dB {than} than words, not "
                "12 dB quieter"
            )


def _level(speech: Speech, spans: list[tuple[float, float]]) -> float:
    """Return the level of the sound in spans of seconds, in dB of full scale."""
    rate, samples = speech.audio.sample_rate, speech.audio.numpy()[0].astype(np.float64)
    inside = np.concatenate([samples[round(a * rate) : round(b * rate)] for a, b in spans])
    return float(10 * np.log10(np.mean(inside**2) + 1e-12)) if inside.size else -120.0
