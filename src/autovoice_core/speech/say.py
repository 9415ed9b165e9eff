"""Text said sentence by sentence: spoken by an engine, and converted to a voice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autovoice_core._style import Style, as_options
from autovoice_core._types import Audio
from autovoice_core.conversion.converter import SingingVoiceConverter, with_numeric_key
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.speech.levels import levelled
from autovoice_core.voices.profile import VoiceProfile

WORD_STRENGTH = 0.7
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
    """

    def __init__(
        self,
        extractor: SingingPitchExtractor,
        converter: SingingVoiceConverter,
        voice: VoiceProfile | None,
        style: Style,
    ) -> None:
        self._extractor, self._converter, self._voice = extractor, converter, voice
        self._style = style

    def convert(self, audio: Audio) -> Audio:
        """Return a sentence in the voice, at the loudness of all."""
        if self._voice is not None:
            pitch = self._extractor.extract(audio)
            # The key that the first sentence gets is that of all.
            self._style = with_numeric_key(self._style, self._voice, pitch)
            audio = self._converter.convert(
                audio, self._voice, pitch=pitch, **as_options(self._style)
            )
        return levelled(audio)


def joined(sentences: Sequence[Audio]) -> Audio:
    """Return sentences one after another, as one sound."""
    samples = np.concatenate([each.numpy() for each in sentences], axis=1)
    return Audio(samples, sentences[0].sample_rate, sentences[0].made_by)
