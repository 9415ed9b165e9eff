"""Speech made of tones and noise, with words, syllables and times that are known."""

from __future__ import annotations

import numpy as np

from autovoice_core import Audio
from autovoice_core._speech import Speech, TimedPhone, TimedWord

RATE = 16_000
VOWEL_SECONDS, CONSONANT_SECONDS, PAUSE_SECONDS = 0.12, 0.06, 0.1
VOWELS = {"a": (750, 1200), "e": (500, 1900), "i": (300, 2300), "o": (450, 800), "u": (320, 700)}


def speech_of(text: str, f0: float = 120.0) -> Speech:
    """Return words whose letters are its phones: aeiou are vowels, s is noise, others hum."""
    generator = np.random.default_rng(0)
    phones, words, sounds, now = [], [], [], 0.0
    for word in ["", *text.split(), ""]:
        begin = now
        for letter in word or [""]:
            kind = "vowel" if letter in VOWELS else "consonant" if letter else "pause"
            seconds = {"vowel": VOWEL_SECONDS, "consonant": CONSONANT_SECONDS}.get(
                kind, PAUSE_SECONDS
            )
            phones.append(TimedPhone(letter, now, now + seconds, kind))
            sounds.append(_sound(letter, now, seconds, f0, generator))
            now += seconds
        if word:
            words.append(TimedWord(word, begin, now))
    audio = Audio(np.concatenate(sounds)[None].astype(np.float32), RATE)
    return Speech(audio, tuple(phones), tuple(words))


def _sound(letter, start, seconds, f0, generator):  # type: ignore[no-untyped-def]
    time = start + np.arange(round(seconds * RATE)) / RATE
    if not letter:
        return np.zeros(time.size)
    if letter == "s":
        return 0.03 * generator.standard_normal(time.size)
    peaks = VOWELS.get(letter, (250, 1000))
    harmonics = np.arange(f0, 3500, f0)
    gains = [sum(1 / (1 + ((each - peak) / 150) ** 2) for peak in peaks) for each in harmonics]
    return 0.08 * np.asarray(gains) @ np.sin(2 * np.pi * harmonics[:, None] * time)
