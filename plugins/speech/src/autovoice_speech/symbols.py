"""Phones and words with times, from the symbols of a pronunciation and their durations."""

from __future__ import annotations

from itertools import groupby

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from autovoice_core import Audio
from autovoice_core._speech import PhoneKind, TimedPhone, TimedWord
from autovoice_speech.english import Pronunciation

STRESSES = {"ˈ": 1, "ˌ": 2}
IPA = {
    "A": "eɪ", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ", "T": "ɾ", "ᵊ": "ə",
    "ʤ": "dʒ", "ʧ": "tʃ", "ʣ": "dz", "ʦ": "ts",
}  # fmt: skip
"""Symbols that are not in the International Phonetic Alphabet, mostly diphthongs."""
VOWELS = frozenset("AIOQWYaeiouyɑɐɒæɔəɚɛɜɨɪʊʌᵊᵻɤøœɯ")
LENGTHENINGS = frozenset("ːʰʲ̃")
"""Symbols that modify the phone before them."""

QUIET = 10 ** (-45 / 20)
"""Level under which an edge of speech is a pause, as a fraction of the loudest."""
STEP = 0.005
"""Seconds by which edges are found."""
SHORTEST = 0.02
"""Seconds of a phone at least: what the trimming of edges leaves."""


@frozen
class Segment:
    """A phone or pause between two edges: its text, class, stress, and word, or -1."""

    text: str
    kind: PhoneKind
    word: int = -1
    stress: int = 0


PAUSE = Segment("", "pause")


def phones_and_words(
    spoken: Pronunciation, ends: NDArray[np.float64], lead: float, audio: Audio
) -> tuple[tuple[TimedPhone, ...], tuple[TimedWord, ...]]:
    """Return phones, which fill the audio, and words.

    Parameters
    ----------
    spoken
        The pronunciation.
    ends
        Ends of its symbols in seconds, those of the network's opening and closing ones included.
    lead
        Seconds by which the sound of a symbol precedes ``ends``.
    audio
        The sound.
    """
    segments, last_symbols = _segments(spoken)
    edges = np.concatenate([[0.0], np.maximum(ends[last_symbols] - lead, 0.0)])
    edges[-1] = audio.duration
    _fit_pauses(segments, edges, audio)
    timed = [
        (segment, float(start), float(end))
        for segment, start, end in zip(segments, edges[:-1], edges[1:], strict=True)
        if end > start
    ]
    phones = tuple(
        TimedPhone(segment.text, start, end, segment.kind, segment.stress)
        for segment, start, end in timed
    )
    words = []
    for word, group in groupby(timed, key=lambda item: item[0].word):
        if word >= 0:
            _, starts, stops = zip(*group, strict=True)
            words.append(TimedWord(spoken.words[word], starts[0], stops[-1]))
    return phones, tuple(words)


def _segments(spoken: Pronunciation) -> tuple[list[Segment], list[int]]:
    """Return segments, and for each the place of its last symbol; the opening one has place 0.

    Spaces and marks of stress, which have no sound of their own, belong to what follows.
    """
    segments, last_symbols, stress = [PAUSE], [0], 0
    for place, (symbol, word) in enumerate(
        zip(spoken.symbols, spoken.word_of, strict=True), start=1
    ):
        if symbol in STRESSES:
            stress = STRESSES[symbol]
        elif symbol in LENGTHENINGS and segments[-1] != PAUSE:
            segments[-1] = evolve(segments[-1], text=segments[-1].text + symbol)
            last_symbols[-1] = place
        elif symbol.isalpha():
            is_vowel = symbol in VOWELS
            kind: PhoneKind = "vowel" if is_vowel else "consonant"
            text = IPA.get(symbol, symbol)
            segments.append(Segment(text, kind, word, stress if is_vowel else 0))
            last_symbols.append(place)
            stress = 0 if is_vowel else stress
        elif symbol != " ":
            _append_pause(segments, last_symbols, place)
    _append_pause(segments, last_symbols, len(spoken.symbols) + 1)
    return segments, last_symbols


def _append_pause(segments: list[Segment], last_symbols: list[int], place: int) -> None:
    """Append a pause that ends at ``place``, or lengthen the one at the end."""
    if segments[-1] == PAUSE:
        last_symbols[-1] = place
    else:
        segments.append(PAUSE)
        last_symbols.append(place)


def _fit_pauses(segments: list[Segment], edges: NDArray[np.float64], audio: Audio) -> None:
    """Move the edges of each pause to where the sound stops and begins.

    A pause becomes the longest quiet run between the middles of its neighbours that reaches into
    it; without one it vanishes. Other runs are the closures of stops, which end in a burst.
    """
    quiet = _quiet_steps(audio)
    for i, segment in enumerate(segments):
        if segment != PAUSE:
            continue
        first, last = i == 0, i == len(segments) - 1
        low = 0.0 if first else edges[i - 1] + SHORTEST
        high = audio.duration if last else edges[i + 2] - SHORTEST
        start, end = (round(edge / STEP) for edge in (low, high))
        run = _longest_run(quiet[start:end], edges[i : i + 2] / STEP - start)
        if run is None:
            middle = edges[i] if last else edges[i + 1] if first else edges[i : i + 2].mean()
            begin = finish = middle
        else:
            begin, finish = ((start + step) * STEP for step in run)
        if not first and low < begin < high:
            edges[i] = begin
        if not last and low < finish < high:
            edges[i + 1] = finish


def _quiet_steps(audio: Audio) -> NDArray[np.bool_]:
    """Return whether the sound is quiet, step by step."""
    size = round(STEP * audio.sample_rate)
    samples = audio.numpy()[0]
    steps = samples[: len(samples) // size * size].reshape(-1, size)
    level = np.sqrt(np.mean(steps**2, axis=1))
    return np.asarray(level < QUIET * level.max(initial=0.0))


def _longest_run(flags: NDArray[np.bool_], reached: NDArray[np.float64]) -> tuple[int, int] | None:
    """Return the start and end of the longest run of true flags, or None.

    Only runs that overlap the places from ``reached[0]`` to ``reached[1]`` count.
    """
    changes = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    runs = changes.reshape(-1, 2)
    runs = runs[(runs[:, 1] > reached[0]) & (runs[:, 0] < reached[1])]
    if len(runs) == 0:
        return None
    start, end = runs[np.argmax(runs[:, 1] - runs[:, 0])]
    return int(start), int(end)
