"""The guard of speech engines: text that can be spoken, and speech that holds sound."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from attrs import evolve, field, frozen

from autovoice_core._arguments import as_text, as_whole_number
from autovoice_core._arrays import as_array_api
from autovoice_core._errors import ArgumentError
from autovoice_core._printable import quoted
from autovoice_core._speech import MAX_SENTENCE_CHARACTERS, Speech
from autovoice_core._style import MAX_SEED
from autovoice_core.backends.fields import as_plain
from autovoice_core.backends.guards.base import Guard
from autovoice_core.backends.guards.inputs import peak

QUIETEST_PEAK = 1e-3
"""Peak under which sound is no speech, of full scale."""

_TAG = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8})*", re.IGNORECASE)


@frozen
class GuardedSpeechEngine(Guard):
    """A guarded :class:`~autovoice_core._speech.SpeechEngine`."""

    _methods: ClassVar[tuple[str, ...]] = ("sentences", "speak")

    languages: frozenset[str] = field(init=False)
    """Tags of the languages that the engine speaks."""
    latency: float | None = field(default=None, kw_only=True)
    """Always None: an engine speaks whole sentences."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.latency is not None:
            raise self.violation("its offer states a latency, which speech engines don't have")
        found = self.attribute("languages")
        with self.attributing_errors():
            if isinstance(found, str) or not isinstance(found, Iterable):
                fault = f"languages is {quoted(found)}, not a set of tags such as 'en'"
                raise self.violation(fault)
            tags = tuple(map(as_plain, found))
            wrong = [tag for tag in tags if type(tag) is not str or not _TAG.fullmatch(tag)]
            if wrong or not tags:
                held = quoted(wrong) if wrong else "nothing"
                raise self.violation(f"languages holds {held}, not tags such as 'en'")
            object.__setattr__(self, "languages", frozenset(tags))

    def as_language(self, language: Any) -> str:
        """Return the engine's own tag of a language: the same, or without its region.

        Raises
        ------
        InputError
            The engine does not speak it.
        """
        wanted = as_text("language", language, example="en").replace("_", "-").casefold()
        spoken = {tag.casefold(): tag for tag in self.languages}
        for tag in (wanted, wanted.partition("-")[0]):
            if tag in spoken:
                return spoken[tag]
        names = sorted(self.languages)
        known = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if names[12:] else "")
        raise ArgumentError(
            f"language: {self.provenance.backend} does not speak {language!r}, but {known}; "
            "give one of them or name another engine"
        )

    def sentences(self, text: str, language: str) -> tuple[str, ...]:
        """Return the text cut into pieces for :meth:`speak`.

        Raises
        ------
        InputError
            The text holds no word, or the engine does not speak the language.
        """
        check_text(text)
        tag = self.as_language(language)
        with self.calling("sentences"):
            found = self.inner.sentences(text, tag)
            if isinstance(found, str) or not all(isinstance(piece, str) for piece in found):
                raise self.violation("sentences() did not return a sequence of texts")
            longest = max(map(len, found), default=0)
            if longest > MAX_SENTENCE_CHARACTERS:
                raise self.violation(
                    f"sentences() returned a piece of {longest} characters, "
                    f"over {MAX_SENTENCE_CHARACTERS}"
                )
            if _letters("".join(found)) != _letters(text):
                raise self.violation("sentences() changed the letters or digits of the text")
            return tuple(piece for piece in found if _letters(piece))

    def speak(self, text: str, language: str, *, seed: int = 0) -> Speech:
        """Return one sentence spoken.

        Raises
        ------
        InputError
            The text holds no word, is longer than a sentence may be or holds what the engine
            can't speak; or the engine does not speak the language.
        """
        check_text(text)
        if len(text) > MAX_SENTENCE_CHARACTERS:
            raise ArgumentError(
                f"text: {len(text)} characters are over the {MAX_SENTENCE_CHARACTERS} that are "
                "spoken at once; cut it by sentences() first"
            )
        number = as_whole_number("seed", seed, unit="", example="0")
        if not 0 <= number <= MAX_SEED:
            raise ArgumentError(f"seed: {number} is outside 0 to {MAX_SEED}; give one inside")
        tag = self.as_language(language)
        with self.calling("speak"):
            speech = self.inner.speak(text, tag, seed=number)
            return self._checked(speech)

    def _checked(self, speech: Any) -> Speech:
        if not isinstance(speech, Speech):
            raise self.violation(f"speak() returned {type(speech).__name__}, not Speech")
        audio = self.checked_audio(speech.audio, "the audio", like=speech.audio)
        if not speech.words:
            raise self.violation("speak() returned speech without words")
        if peak(as_array_api(audio.samples)) < QUIETEST_PEAK:
            raise self.violation("speak() returned silence in place of words")
        return evolve(speech, audio=evolve(audio, made_by=(self.provenance,)))


def check_text(text: Any) -> None:
    """Refuse what no engine can speak.

    Raises
    ------
    InputError
        It is not text, or holds no word.
    """
    if not _letters(as_text("text", text, example="Hello.")):
        raise ArgumentError("text: it holds no word; give text with letters or digits")


def _letters(text: str) -> str:
    """Return the letters and digits of a text."""
    return "".join(filter(str.isalnum, text))
