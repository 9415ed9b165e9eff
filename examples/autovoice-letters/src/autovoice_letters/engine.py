"""An engine that spells English out, letter by letter, in harmonics and noise."""

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from autovoice_core import Audio, InputError
from autovoice_core.protocols import Speech, TimedPhone, TimedWord

RATE = 24_000
F0 = 120.0
SECONDS = {"vowel": 0.18, "consonant": 0.07, "pause": 0.15}
SOUNDS = {"sh": "ʃ", "ch": "tʃ", "th": "ð", "x": "ks", "c": "k", "q": "k", "y": "i"}
NUMERALS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
FORMANTS = {"a": (750, 1200), "e": (500, 1900), "i": (300, 2300), "o": (450, 800), "u": (320, 700)}
PIECE = 900


class Engine:
    """Speaks the letters of words, with times that are true by construction."""

    languages = frozenset({"en"})

    def sentences(self, text: str, language: str) -> Sequence[str]:
        """Return sentences, cut where they are too long."""
        found = re.split(r"(?<=[.!?])\s+|\n+", text)
        return [s[i : i + PIECE] for s in found for i in range(0, len(s), PIECE)]

    def speak(self, text: str, language: str, *, seed: int = 0) -> Speech:
        """Return the words spelt out."""
        if not text.isascii():
            raise InputError(f"text: {text!r} is not in English letters; spell it with those")
        generator = np.random.default_rng(seed)
        phones, words, sounds, time = [], [], [], 0.0
        for word in ["", *re.findall(r"[a-z]+(?:'[a-z]+)?|\d", text, re.IGNORECASE), ""]:
            begin = time
            for phone in _phones(word) if word else [""]:
                kind = _kind(phone)
                phones.append(TimedPhone(phone, time, time + SECONDS[kind], kind))
                sounds.append(_sound(phone, time, SECONDS[kind], generator))
                time += SECONDS[kind]
            if word:
                words.append(TimedWord(word, begin, time))
        return Speech(Audio(np.concatenate(sounds)[None], RATE), tuple(phones), tuple(words))


def _phones(word: str) -> Iterator[str]:
    spelt = NUMERALS[int(word)] if word.isdigit() else word.lower()
    for sound in re.findall("sh|ch|th|[a-z]", spelt):
        phone = SOUNDS.get(sound, sound)
        yield from phone if phone == "ks" else [phone]


def _kind(phone: str) -> str:
    return "pause" if not phone else "vowel" if phone in FORMANTS else "consonant"


def _sound(
    phone: str, start: float, seconds: float, generator: np.random.Generator
) -> NDArray[np.float32]:
    count = round(seconds * RATE)
    time = start + np.arange(count) / RATE
    fade = np.minimum(1.0, np.minimum(np.arange(count), np.arange(count)[::-1]) / 100)
    if not phone:
        sound = np.zeros(count)
    elif set(phone) & set("szʃ"):
        sound = 0.05 * np.diff(generator.standard_normal(count + 2), 2)
    else:
        peaks = FORMANTS.get(phone, (250, 1000))
        sound = np.zeros(count)
        for harmonic in np.arange(F0, 3000, F0):
            gain = sum(1 / (1 + ((harmonic - peak) / 150) ** 2) for peak in peaks)
            sound += gain * np.sin(2 * np.pi * harmonic * time)
        sound *= 0.1 if phone in FORMANTS else 0.05
    return (fade * sound).astype(np.float32)


def open_engine(*, device: str, dtype: str) -> Engine:
    """Return the engine; what the offer does not claim is refused."""
    if (device, dtype) != ("cpu", "float32"):
        raise InputError(f"the engine runs on cpu in float32, not on {device} in {dtype}")
    return Engine()
