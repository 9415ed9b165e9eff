"""``TTSPipeline``: text said, and lyrics sung, in a stored voice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Unpack

import attrs

from autovoice_core._arguments import as_flag, as_instance, as_progress
from autovoice_core._engine import Engine
from autovoice_core._speech import Speech
from autovoice_core._style import StyleOptions, as_options
from autovoice_core._types import Audio, Progress
from autovoice_core.audio.reading import SoundInput, as_source_on_host
from autovoice_core.backends.guards.speech import check_text
from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import Operation
from autovoice_core.conversion.converter import (
    BREATH_GAINS,
    SingingVoiceConverter,
    with_numeric_key,
)
from autovoice_core.memory.limit import Amount
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.speech.levels import levelled, over_accompaniment
from autovoice_core.speech.melody import Expression
from autovoice_core.speech.prompt import Piece, prompt_pieces
from autovoice_core.speech.reading import as_notes
from autovoice_core.speech.say import SentenceConverter, joined, named_text, style_of_words
from autovoice_core.speech.score_lyrics import as_lyrics
from autovoice_core.speech.sing import sung
from autovoice_core.voices.lookup import as_profile
from autovoice_core.voices.profile import VoiceProfile

SPEAKING_SHARE = 0.3
"""Share of the work of a song that is done before its conversion."""


class TTSPipeline(Engine):
    """Says text and sings lyrics, in the voice of a speech engine or in a stored one.

    Parameters
    ----------
    voice
        The voice: a profile, or the name of one in the default storage. Without it the engine's
        own voice is heard.
    backend
        Full name of the speech engine, e.g. ``"speech/hibari"``; by default the best that meets
        ``need``.
    need
        Requirements of the backends; by default float32 on the CPU.
    memory_limit, threads
        As of :class:`~autovoice_core.SingingVoiceConverter`.

    Raises
    ------
    InputError
        An argument is of another type.
    StorageError
        There is no such voice.
    """

    _operation: ClassVar[Operation] = "speech"

    def __init__(
        self,
        voice: VoiceProfile | str | None = None,
        *,
        backend: str | None = None,
        need: Need | None = None,
        memory_limit: Amount | None = None,
        threads: int | None = None,
    ) -> None:
        super().__init__(backend=backend, need=need)
        self.voice = None if voice is None else as_profile("voice", voice)
        self._extractor = SingingPitchExtractor(need=need, memory_limit=memory_limit)
        self._converter = SingingVoiceConverter(
            need=need, memory_limit=memory_limit, threads=threads
        )

    @property
    def languages(self) -> frozenset[str]:
        """Tags (BCP 47) of the languages that the engine speaks."""
        tags: frozenset[str] = self._opened.languages
        return tags

    def say(
        self,
        text: str,
        *,
        language: str = "en",
        progress: Progress | None = None,
        **style: Unpack[StyleOptions],
    ) -> Audio:
        """Return ``text`` said, its sentences equally loud.

        Parameters
        ----------
        text
            What to say, of any length.
        language
            Its language, as a tag (BCP 47).
        progress
            Called with the fraction done.
        **style
            Attributes of :class:`~autovoice_core.Style`, for a voice. Those not given are the
            profile's, but for the key, which is 0, and a strength of 0.7 at most, since words are
            harder to understand at 1.

        Raises
        ------
        InputError
            There is nothing to say, the engine does not speak the language or can't say it, or
            the style is invalid.
        SelectionError
            No backend meets the need.
        """
        return joined(list(self.say_sentences(text, language=language, progress=progress, **style)))

    def say_sentences(
        self,
        text: str,
        *,
        language: str = "en",
        prompt: bool = False,
        progress: Progress | None = None,
        **style: Unpack[StyleOptions],
    ) -> Iterator[Audio]:
        """Yield the sentences of ``text`` said, each before the next one is spoken.

        With ``prompt`` long sentences at the beginning come in pieces, so that the first is heard
        at once, and each other in time. The other parameters and exceptions are those of
        :meth:`say`, raised by the call for the text, and by the iterator for what comes later.
        """
        report = as_progress(progress)
        # What is wrong without an engine is told before one is opened.
        check_text(text)
        in_pieces = as_flag("prompt", prompt)
        resolved = style_of_words(self._converter, self.voice, style, {"seed"})
        with named_text("text"):
            sentences = self._opened.sentences(text, language)
        pieces = list(prompt_pieces(sentences)) if in_pieces else list(map(Piece, sentences))
        converter = SentenceConverter(self._extractor, self._converter, self.voice, resolved)

        def said() -> Iterator[Audio]:
            for number, piece in enumerate(pieces, start=1):
                with named_text("text"):
                    speech = self._spoken(piece.text, language, resolved.seed)
                yield converter.convert(piece.spoken_as(speech))
                report(number / len(pieces))

        return said()

    def sing(
        self,
        lyrics: str | Path,
        notes: Any,
        *,
        language: str = "en",
        expression: Expression | None = None,
        accompaniment: SoundInput | None = None,
        progress: Progress | None = None,
        **style: Unpack[StyleOptions],
    ) -> Audio:
        """Return ``lyrics`` sung on ``notes``.

        Parameters
        ----------
        lyrics
            Words, or the ``Path`` of a score that has them. Each syllable is sung on a note;
            ``twin-kle`` divides a word into syllables, ``heav~en`` joins two on one note, and each
            ``_``, or ``-`` that stands alone, holds the syllable before it over one more note.
        notes
            The path of a MIDI file, MusicXML or a CSV table; a :class:`~autovoice_core.PitchTrack`;
            or a sequence of ``(start, end, key)`` in seconds and MIDI numbers.
        language
            The language of the lyrics, as a tag (BCP 47).
        expression
            Portamento, overshoot and vibrato.
        accompaniment
            A sound that begins when the score does, to mix the voice with. A key that is not a
            whole number of octaves shifts it too.
        progress
            Called with the fraction done.
        **style
            Attributes of :class:`~autovoice_core.Style`, the others as of :meth:`say`. ``vibrato``
            multiplies that of ``expression``; ``breath`` sets the breaths that are taken in rests.

        Raises
        ------
        InputError
            Syllables and notes don't agree, naming bar and word; the notes or the accompaniment
            can't be read; or as from :meth:`say`.
        SelectionError
            No backend meets the need.
        """
        report = as_progress(progress)
        lines, melody = as_lyrics(lyrics), as_notes(notes)
        backing = (
            None if accompaniment is None else as_source_on_host(accompaniment, "accompaniment")
        )
        expression = as_instance(
            "expression", expression or Expression(), Expression, "give one or omit it"
        )
        own = {"seed", "vibrato", "breath"}
        resolved = style_of_words(self._converter, self.voice, style, own)
        expression = attrs.evolve(
            expression, vibrato_extent=min(200.0, resolved.vibrato * expression.vibrato_extent)
        )
        with named_text("lyrics"):
            spoken = [
                self._spoken(sentence, language, resolved.seed)
                for line in lines
                for sentence in self._opened.sentences(" ".join(w.text for w in line), language)
            ]
        words = [word for line in lines for word in line]
        audio, pitch = sung(
            Speech.join(spoken),
            words,
            melody,
            expression,
            self._extractor,
            resolved.seed,
            BREATH_GAINS.get(resolved.breath, 1.0),
        )
        report(SPEAKING_SHARE)
        if self.voice is not None:
            resolved = with_numeric_key(resolved, self.voice, pitch)
            audio = self._converter.convert(
                audio,
                self.voice,
                pitch=pitch,
                progress=lambda done: report(SPEAKING_SHARE + (1 - SPEAKING_SHARE) * done),
                **as_options(attrs.evolve(resolved, vibrato=1.0, breath="keep")),
            )
        audio = levelled(audio)
        if backing is not None:
            audio = over_accompaniment(
                audio, backing, key=float(resolved.key), threads=self._converter.spare_threads
            )
        report(1.0)
        return audio

    def _spoken(self, sentence: str, language: str, seed: int) -> Speech:
        speech: Speech = self._opened.speak(sentence, language, seed=seed)
        return speech
