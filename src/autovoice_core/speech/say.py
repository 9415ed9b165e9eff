"""Text said sentence by sentence: spoken by an engine, and converted to a voice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from attrs import evolve

from autovoice_core._errors import ArgumentError, InputError
from autovoice_core._style import Style, StyleOptions, as_options, with_options
from autovoice_core._types import Audio
from autovoice_core.conversion.converter import SingingVoiceConverter, with_numeric_key
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.speech.levels import levelled
from autovoice_core.voices.profile import VoiceProfile

WORD_STRENGTH = 0.7
"""Strength of the conversion unless one is given: at 1, words are harder to understand."""


@contextmanager
def named_text(name: str) -> Iterator[None]:
    """Let what an engine says of its ``text`` name the argument ``name``, within a block.

    Raises
    ------
    ArgumentError
        The engine can't speak the text.
    """
    try:
        yield
    except InputError as error:
        argument, colon, reason = str(error).partition(": ")
        if argument != "text" or not colon:
            raise
        raise ArgumentError(f"{name}: {reason}") from error


def style_of_words(
    converter: SingingVoiceConverter,
    voice: VoiceProfile | None,
    given: StyleOptions,
    own: Collection[str],
) -> Style:
    """Return the style to convert words with, whose key and strength suit them unless given.

    Parameters
    ----------
    converter, voice
        The engine, and the voice; None for the speech engine's own.
    given
        The options that were given.
    own
        Names of those that the engine's own voice takes.

    Raises
    ------
    InputError
        An option is invalid, or changes a conversion where there is none.
    """
    options: StyleOptions = {"key": 0.0, **given}
    if voice is None:
        resolved = with_options(Style(), options)
        for name in given:
            if name not in own:
                raise ArgumentError(
                    f"{name}: changes the conversion to a voice; name a voice, or omit it"
                )
        return resolved
    resolved = converter.style_for(voice, **options)
    if "strength" not in given:
        resolved = evolve(resolved, strength=min(WORD_STRENGTH, resolved.strength))
    return resolved


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
