"""Speech engines that break a promise."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import evolve

from autovoice_core import Audio
from autovoice_core._speech import Speech, TimedPhone, TimedWord


class EngineWrapper:
    """An honest engine, whose speech :meth:`change` changes."""

    languages = frozenset({"en"})

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def sentences(self, text: str, language: str) -> Sequence[str]:
        return self.inner.sentences(text, language)

    def speak(self, text: str, language: str, *, seed: int = 0) -> Speech:
        return self.change(self.inner.speak(text, language, seed=seed))

    def change(self, speech: Speech) -> Speech:
        return speech


def retimed(speech: Speech, move: Any) -> Speech:
    """Return speech with the inner times of phones moved, and those of words with them."""
    edges = [0.0, *(p.end for p in speech.phones)]
    moved = [0.0, *(move(edge) for edge in edges[1:-1]), speech.audio.duration]
    new = dict(zip(edges, moved, strict=True))
    nearest = lambda time: new[min(new, key=lambda edge: abs(edge - time))]  # noqa: E731
    phones = [
        evolve(phone, start=start, end=end)
        for phone, (start, end) in zip(speech.phones, pairwise(moved), strict=True)
    ]
    words = [evolve(w, start=nearest(w.start), end=nearest(w.end)) for w in speech.words]
    return Speech(speech.audio, tuple(phones), tuple(words))


class TimesEarly(EngineWrapper):
    def change(self, speech: Speech) -> Speech:
        return retimed(speech, lambda time: time - 0.08)


class TimesStretched(EngineWrapper):
    def change(self, speech: Speech) -> Speech:
        return retimed(speech, lambda time: 0.9 * time)


class TimesEven(EngineWrapper):
    def change(self, speech: Speech) -> Speech:
        ends = np.array([phone.end for phone in speech.phones])
        place = {end: (i + 1) / len(ends) for i, end in enumerate(ends)}
        return retimed(speech, lambda time: place[time] * speech.audio.duration)


class WordsEven(EngineWrapper):
    def change(self, speech: Speech) -> Speech:
        spoken = [phone for phone in speech.phones if phone.kind != "pause"]
        groups = np.array_split(np.arange(len(spoken)), len(speech.words))
        words = [
            TimedWord(word.text, spoken[group[0]].start, spoken[group[-1]].end)
            for word, group in zip(speech.words, groups, strict=True)
            if len(group)
        ]
        return evolve(speech, words=tuple(words))


class ForgetsWord(EngineWrapper):
    def change(self, speech: Speech) -> Speech:
        return evolve(speech, words=speech.words[:2] + speech.words[3:])


class MutesWord(EngineWrapper):
    def change(self, speech: Speech) -> Speech:
        word, rate = speech.words[len(speech.words) // 2], speech.audio.sample_rate
        samples = speech.audio.numpy().copy()
        samples[:, round(word.start * rate) : round(word.end * rate)] = 0
        return evolve(speech, audio=Audio(samples, rate))


class LeavesARest(EngineWrapper):
    def change(self, speech: Speech) -> Speech:
        samples = np.pad(speech.audio.numpy(), ((0, 0), (0, 4000)))
        return evolve(speech, audio=Audio(samples, speech.audio.sample_rate))


class RenamesWords(EngineWrapper):
    def change(self, speech: Speech) -> Speech:
        return evolve(speech, words=tuple(evolve(word, text="word") for word in speech.words))


class AddsLanguage(EngineWrapper):
    languages = frozenset({"en", "ta"})


class IsNoGerman(EngineWrapper):
    languages = frozenset({"de"})


class SkipsScript(EngineWrapper):
    def speak(self, text: str, language: str, *, seed: int = 0) -> Speech:
        known = text.encode("ascii", "ignore").decode()
        return self.inner.speak(known, language, seed=seed)


class StopsHalfway(EngineWrapper):
    def speak(self, text: str, language: str, *, seed: int = 0) -> Speech:
        return self.inner.speak(" ".join(text.split()[:5]), language, seed=seed)


class RunsOn(EngineWrapper):
    def sentences(self, text: str, language: str) -> Sequence[str]:
        return [text[start : start + 900] for start in range(0, len(text), 900)]


class HasItsOwnSeed(EngineWrapper):
    calls = 0

    def speak(self, text: str, language: str, *, seed: int = 0) -> Speech:
        self.calls += 1
        return self.inner.speak(text, language, seed=self.calls)


class AllIsVowel(EngineWrapper):
    def change(self, speech: Speech) -> Speech:
        phones = [
            TimedPhone(p.text, p.start, p.end, "vowel") if p.text else p for p in speech.phones
        ]
        return evolve(speech, phones=tuple(phones))
