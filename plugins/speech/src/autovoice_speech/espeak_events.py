"""Phones and words with times, from the events of espeak-ng."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

from attrs import evolve, frozen

from autovoice_core import Audio, InputError
from autovoice_core._speech import PhoneKind, TimedPhone, TimedWord

STRESSES = {"ˈ": 1, "ˌ": 2}
VOWELS = frozenset("aeiouyæøœɐɑɒɔəɘɚɛɜɝɞɤɨɪɯɵʉʊʌʏᵻɶᵊ")

_WORD = re.compile(r"\w+(?:[^\w\s]+\w+)*")


@frozen
class Segment:
    """A phone or pause from a sample on, and the number of its word in the text, or -1."""

    text: str
    sample: int
    word: int
    stress: int = 0

    @property
    def kind(self) -> PhoneKind:
        """Its class."""
        if not self.text:
            return "pause"
        return "vowel" if VOWELS & set(self.text) else "consonant"


def phones_and_words(
    text: str, events: list[list[Any]], audio: Audio
) -> tuple[tuple[TimedPhone, ...], tuple[TimedWord, ...]]:
    """Return phones, which fill the audio, and words.

    ``events`` are ``["word", sample, place in the text]`` and ``["phone", sample, name]``. What
    espeak-ng speaks as one, such as "of the", is one word.

    Raises
    ------
    InputError
        Nothing of the text was spoken.
    """
    tokens = list(_WORD.finditer(text))
    segments = _segments(events, [token.start() for token in tokens])
    if not any(segment.text for segment in segments):
        raise InputError(f"text: {text!r} holds nothing that espeak-ng can speak")
    segments[0] = evolve(segments[0], sample=0)
    ends = [segment.sample for segment in segments[1:]] + [audio.frames]
    timed = [
        (segment, segment.sample / audio.sample_rate, end / audio.sample_rate)
        for segment, end in zip(segments, ends, strict=True)
        if end > segment.sample
    ]
    phones = tuple(TimedPhone(s.text, start, end, s.kind, s.stress) for s, start, end in timed)
    spoken = [item for item in timed if item[0].word >= 0]
    groups = [(word, list(group)) for word, group in groupby(spoken, key=lambda i: i[0].word)]
    words = []
    first = 0
    for (_, group), following in zip(
        groups, [*(word for word, _ in groups[1:]), len(tokens)], strict=True
    ):
        spelt = text[tokens[first].start() : tokens[following - 1].end()]
        words.append(TimedWord(spelt, group[0][1], group[-1][2]))
        first = following
    return phones, tuple(words)


def _segments(events: list[list[Any]], starts: list[int]) -> list[Segment]:
    """Return phones and pauses in order of time; tones and marks lengthen what is before them."""
    segments: list[Segment] = []
    word = 0
    for kind, sample, value in events:
        if kind == "word":
            word = max(word, sum(start <= value for start in starts) - 1)
            continue
        name = value.strip("ˈˌ").replace("#", "")
        is_mark = name.startswith("(") or (name and not any(map(str.isalpha, name)))
        if is_mark:
            continue
        stress = STRESSES.get(value[:1], 0)
        of_word = word if name else -1
        if not name and segments and not segments[-1].text:
            continue
        segments.append(Segment(name, sample, of_word, stress if VOWELS & set(name) else 0))
    return segments
