"""Speech with the times of its phones and words, and the protocol of engines that speak."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, Protocol, TypeVar, get_args

import numpy as np
from attrs import evolve, field, frozen

from autovoice_core._arguments import as_number
from autovoice_core._errors import InputError
from autovoice_core._types import Audio

PhoneKind = Literal["vowel", "consonant", "pause"]
"""Class of a phone: vowels (diphthongs too) can be held, consonants keep their length."""

MAX_SENTENCE_CHARACTERS = 1000
"""Characters of a sentence at most; engines cut longer ones at commas or spaces."""

TIME_TOLERANCE = 1e-3
"""Seconds by which times that must agree may differ."""


def _as_seconds(value: object) -> float:
    return as_number("time", value, unit="seconds", example="0.25")


@frozen
class TimedPhone:
    """One phone of speech, or a pause.

    Attributes
    ----------
    text
        The phone in the International Phonetic Alphabet, e.g. ``"ʃ"`` or ``"aɪ"``; empty for a
        pause.
    start, end
        Seconds from the beginning of the audio.
    kind
        ``"vowel"``, ``"consonant"`` or ``"pause"``.
    stress
        Stress of the syllable that a vowel carries: 1 primary, 2 secondary, 0 none.
    """

    text: str
    start: float = field(converter=_as_seconds)
    end: float = field(converter=_as_seconds)
    kind: PhoneKind
    stress: int = 0

    @property
    def is_vowel(self) -> bool:
        """Whether the phone is a vowel."""
        return self.kind == "vowel"


@frozen
class TimedWord:
    """One word of speech, as spoken: ``text`` from ``start`` to ``end`` seconds."""

    text: str
    start: float = field(converter=_as_seconds)
    end: float = field(converter=_as_seconds)


_Timed = TypeVar("_Timed", TimedPhone, TimedWord)


@frozen(repr=False)
class Speech:
    """Spoken text with its phones and words.

    Attributes
    ----------
    audio
        The sound, of one channel.
    phones
        Phones and pauses, in order: the first begins at 0, each begins where the one before
        ends, and the last ends with the audio.
    words
        Words, in order, none of which overlaps another. Each holds one phone or more, and begins
        and ends where one of them does.

    Raises
    ------
    InputError
        The times break one of these rules.
    """

    audio: Audio
    phones: tuple[TimedPhone, ...]
    words: tuple[TimedWord, ...]

    def __attrs_post_init__(self) -> None:
        fault = _fault_of_phones(self) or _fault_of_words(self)
        if fault:
            raise InputError(f"speech: {fault}")

    def __repr__(self) -> str:
        spoken = " ".join(word.text for word in self.words)
        short = spoken if len(spoken) <= 40 else f"{spoken[:39]}…"
        return f"Speech({short!r}, {self.audio.duration:.2f} s)"

    @classmethod
    def join(cls, parts: Sequence[Speech]) -> Speech:
        """Return speech of one sample rate, one part after another, as one.

        Raises
        ------
        InputError
            There are no parts, or their sample rates differ.
        """
        rates = {part.audio.sample_rate for part in parts}
        if len(rates) != 1:
            raise InputError(f"speech: parts of {len(rates)} sample rates can't be joined as one")
        rate, start = rates.pop(), 0
        phones: list[TimedPhone] = []
        words: list[TimedWord] = []
        for part in parts:
            phones += [_later(phone, start / rate) for phone in part.phones]
            words += [_later(word, start / rate) for word in part.words]
            start += part.audio.frames
        samples = np.concatenate([part.audio.numpy() for part in parts], axis=1)
        return cls(Audio(samples, rate, parts[0].audio.made_by), tuple(phones), tuple(words))


class SpeechEngine(Protocol):
    """Speaks text.

    ``languages`` holds the tags (BCP 47) of the languages that it speaks, e.g. ``{"en"}``.
    """

    languages: frozenset[str]

    def sentences(self, text: str, language: str) -> Sequence[str]:
        """Return the text cut into pieces that are spoken one by one.

        They hold every word of the text, in order. None is longer than 1000 characters.
        """

    def speak(self, text: str, language: str, *, seed: int = 0) -> Speech:
        """Return one of the :meth:`sentences` spoken; the same for the same seed.

        Raises
        ------
        InputError
            The text holds what the engine can't speak, such as another script. A word is never
            left out.
        """


def _fault_of_phones(speech: Speech) -> str | None:
    """Return what is wrong with the phones, or None."""
    phones, duration = speech.phones, speech.audio.duration
    if speech.audio.channels != 1:
        return f"the audio has {speech.audio.channels} channels, not 1"
    if not phones:
        return "it has no phones"
    for phone in phones:
        if phone.kind not in get_args(PhoneKind):
            return f"phone {phone.text!r} is of kind {phone.kind!r}, which is none"
        if (phone.text == "") != (phone.kind == "pause"):
            return f"a {phone.kind} at {phone.start:.3f} s has the text {phone.text!r}"
        if not phone.end > phone.start:
            return f"phone {phone.text!r} does not end after it begins, at {phone.start:.3f} s"
    if abs(phones[0].start) > TIME_TOLERANCE:
        return f"the first phone begins at {phones[0].start:.3f} s, not at 0"
    for one, other in pairwise(phones):
        if abs(one.end - other.start) > TIME_TOLERANCE:
            return (
                f"phone {other.text!r} begins at {other.start:.3f} s, "
                f"not where {one.text!r} ends, at {one.end:.3f} s"
            )
    if abs(phones[-1].end - duration) > TIME_TOLERANCE:
        return f"the last phone ends at {phones[-1].end:.3f} s, the audio at {duration:.3f} s"
    return None


def _fault_of_words(speech: Speech) -> str | None:
    """Return what is wrong with the words, or None."""
    spoken = [phone for phone in speech.phones if phone.kind != "pause"]
    for word in speech.words:
        if not word.text.strip():
            return f"a word at {word.start:.3f} s has no text"
        if not word.end > word.start:
            return f"word {word.text!r} does not end after it begins, at {word.start:.3f} s"
        for edge, times in (
            ("begins", [phone.start for phone in spoken]),
            ("ends", [phone.end for phone in spoken]),
        ):
            time = word.start if edge == "begins" else word.end
            if min((abs(time - other) for other in times), default=1.0) > TIME_TOLERANCE:
                return f"word {word.text!r} {edge} at {time:.3f} s, where no phone does"
    for one, other in pairwise(speech.words):
        if one.end > other.start + TIME_TOLERANCE:
            return f"word {other.text!r} begins before {one.text!r} ends, at {one.end:.3f} s"
    return None


def _later(item: _Timed, seconds: float) -> _Timed:
    """Return a phone or word with its times moved by ``seconds``."""
    return evolve(item, start=item.start + seconds, end=item.end + seconds)
