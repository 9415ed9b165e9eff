"""Text said sentence by sentence: spoken by an engine, and converted to a voice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import evolve

from autovoice_core._speech import Speech
from autovoice_core._style import MAX_KEY, Style, as_options
from autovoice_core._types import Audio
from autovoice_core.conversion.converter import SingingVoiceConverter, with_numeric_key
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.speech.levels import levelled
from autovoice_core.voices.profile import VoiceProfile

MAX_SAID_KEY = 5.0
"""Semitones that speech is moved by at most unless a key is given: further off it is hard to
understand, and singers speak lower than they sing."""
SAID_STRENGTH = 0.6
"""Strength of the conversion unless one is given: at 1, words are harder to understand."""


class SentenceConverter:
    """Converts one sentence after another to a voice, all in one key.

    Parameters
    ----------
    extractor, converter
        The engines that do it.
    voice
        The voice, or None to keep the engine's own.
    style
        Options of the conversion. A key that is to be chosen is chosen at the first sentence.
    max_key
        Semitones of that key at most, up or down.
    """

    def __init__(
        self,
        extractor: SingingPitchExtractor,
        converter: SingingVoiceConverter,
        voice: VoiceProfile | None,
        style: Style,
        max_key: float = MAX_KEY,
    ) -> None:
        self._extractor, self._converter, self._voice = extractor, converter, voice
        self._style, self._max_key = style, max_key

    def convert(self, speech: Speech) -> Audio:
        """Return a sentence in the voice, at the loudness of all."""
        audio = speech.audio
        if self._voice is not None:
            pitch = self._extractor.extract(audio)
            # The key that the first sentence gets is that of all.
            style = with_numeric_key(self._style, self._voice, pitch)
            key = max(-self._max_key, min(self._max_key, float(style.key)))
            self._style = evolve(style, key=key)
            audio = self._converter.convert(
                audio, self._voice, pitch=pitch, **as_options(self._style)
            )
        return levelled(audio)


def joined(sentences: Sequence[Audio]) -> Audio:
    """Return sentences one after another, as one sound."""
    samples = np.concatenate([each.numpy() for each in sentences], axis=1)
    return Audio(samples, sentences[0].sample_rate, sentences[0].made_by)
