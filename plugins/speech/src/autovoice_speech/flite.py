"""``speech/flite``: an English voice, by the libraries of flite where they are installed.

A. W. Black and K. A. Lenzo, "Flite: a small fast run-time synthesis engine", SSW4 (2001). The voice
is ``cmu_us_slt``, a woman's.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from ctypes.util import find_library
from pathlib import Path
from typing import Any

from attrs import frozen

from autovoice_core import Audio, InputError
from autovoice_core._speech import PhoneKind, Speech, TimedPhone, TimedWord
from autovoice_speech import flite_child
from autovoice_speech.child import spoken_by
from autovoice_speech.cutting import sentences_of
from autovoice_speech.device import check_device_and_dtype
from autovoice_speech.english import check_english, check_latin

PAUSES = frozenset({"pau", "ssil", "h#", "brth"})
VOWELS = {
    "aa": "ɑ", "ae": "æ", "ah": "ʌ", "ao": "ɔ", "aw": "aʊ", "ax": "ə", "axr": "ɚ", "ay": "aɪ",
    "eh": "ɛ", "er": "ɝ", "ey": "eɪ", "ih": "ɪ", "iy": "i", "ow": "oʊ", "oy": "ɔɪ", "uh": "ʊ",
    "uw": "u",
}  # fmt: skip
CONSONANTS = {
    "ch": "tʃ", "dh": "ð", "dx": "ɾ", "g": "ɡ", "hh": "h", "hv": "ɦ", "jh": "dʒ", "ng": "ŋ",
    "nx": "ɾ̃", "r": "ɹ", "sh": "ʃ", "th": "θ", "y": "j", "zh": "ʒ",
}  # fmt: skip
"""Phones of flite whose names are not those of the International Phonetic Alphabet."""

_MARKS = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})


@frozen
class Libraries:
    """The files of flite, and of its voice."""

    flite: str
    voice: str


class Flite:
    """Speaks English by flite."""

    languages = frozenset({"en"})

    def __init__(self, libraries: Libraries) -> None:
        self._libraries = libraries

    def sentences(self, text: str, language: str) -> Sequence[str]:
        """Return the sentences of the text, the long ones cut at commas or spaces."""
        check_latin(text)
        return sentences_of(text)

    def speak(self, text: str, language: str, *, seed: int = 0) -> Speech:
        """Return the text spoken; ``seed`` changes nothing."""
        check_english(text)
        spelt = _in_ascii(text)
        found, audio = spoken_by(
            Path(flite_child.__file__), self._libraries.flite, self._libraries.voice, text=spelt
        )
        if _letters("".join(found["words"])) != _letters(spelt):
            raise InputError(f"text: flite leaves out a part of {text!r}; write it as words")
        segments = list(_segments(found["segments"], audio))
        phones = tuple(phone for phone, _ in segments)
        words = []
        for number, word in enumerate(found["words"]):
            # A number that is spoken in groups of digits has pauses within.
            spoken = [phone for phone, of in segments if of == number]
            words.append(TimedWord(word, spoken[0].start, spoken[-1].end))
        return Speech(audio, phones, tuple(words))


def open_flite(*, device: str, dtype: str) -> Flite:
    """Return the engine; there are no options.

    Raises
    ------
    InputError
        Another device or precision is asked for.
    RuntimeError
        The libraries are not found.
    """
    check_device_and_dtype("flite", device, dtype)
    libraries = find_flite()
    if libraries is None:
        raise RuntimeError(
            "the libraries of flite are not found; install them, for example by `apt install flite`"
        )
    return Flite(libraries)


def probe(device: str) -> None:
    """Speak a word."""
    open_flite(device=device, dtype="float32").speak("Hello.", "en")


def find_flite() -> Libraries | None:
    """Return the libraries, or None."""
    flite, voice = find_library("flite"), find_library("flite_cmu_us_slt")
    return Libraries(flite, voice) if flite and voice else None


def _in_ascii(text: str) -> str:
    """Return a text with plain letters and marks; flite passes over all others."""
    plain = unicodedata.normalize("NFKD", text.translate(_MARKS))
    for letter in plain:
        if not letter.isascii() and letter.isalnum():
            raise InputError(f"text: flite has no sound for {letter!r}; write it in plain letters")
    return "".join(
        letter if letter.isascii() else "" if unicodedata.combining(letter) else " "
        for letter in plain
    )


def _segments(found: list[list[Any]], audio: Audio) -> Iterator[tuple[TimedPhone, int]]:
    """Yield the phones, which fill the audio, each with the number of its word or -1."""
    start, last = 0.0, len(found) - 1
    for place, (name, edge, word, stress) in enumerate(found):
        end = audio.duration if place == last else min(edge, audio.duration)
        if end > start:
            kind: PhoneKind = "vowel" if name in VOWELS else "consonant"
            kind = "pause" if name in PAUSES else kind
            text = "" if kind == "pause" else VOWELS.get(name) or CONSONANTS.get(name, name)
            is_stressed = kind == "vowel" and stress == "1"
            yield TimedPhone(text, start, end, kind, int(is_stressed)), word
            start = end


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))
