"""Separators that are wrong at some rates, in mono, after some time or where nobody looks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core import Audio, Stems
from toys.honest.separation import Equaliser, EqualiserStream
from toys.liars.pitch_subtle import OF_THIS_PROCESS
from toys.liars.separation import ChangedVocals

Samples = NDArray[Any]


class HighPassAt44K(ChangedVocals):
    """Is a plain high-pass at rates other than 16 kHz."""

    def change(self, mixture: Samples, voice: Samples, rate: int) -> Samples:
        if rate == 16_000:
            return voice
        spectrum = np.fft.rfft(mixture.astype(np.float64), axis=1)
        spectrum[:, np.fft.rfftfreq(mixture.shape[1], 1 / rate) < 120] = 0
        return np.asarray(np.fft.irfft(spectrum, mixture.shape[1], axis=1))


class StereoOnly(ChangedVocals):
    """Hardly separates mono."""

    def change(self, mixture: Samples, voice: Samples, rate: int) -> Samples:
        return voice if len(voice) > 1 else 0.9 * mixture + 0.1 * voice


class SwapsAt44K(ChangedVocals):
    def change(self, mixture: Samples, voice: Samples, rate: int) -> Samples:
        return voice[::-1] if rate > 40_000 else voice


class LevelsToTheLoudest(ChangedVocals):
    def change(self, mixture: Samples, voice: Samples, rate: int) -> Samples:
        return voice * (1 - 0.1 * np.abs(mixture).max(initial=0.0))


class FadesVoice(ChangedVocals):
    """The vocals fade out in the last 30 ms."""

    def change(self, mixture: Samples, voice: Samples, rate: int) -> Samples:
        left = np.arange(voice.shape[1], 0, -1) / (0.03 * rate)
        return voice * np.minimum(left, 1.0)


class DriftsSeparating(ChangedVocals):
    def change(self, mixture: Samples, voice: Samples, rate: int) -> Samples:
        time = np.arange(voice.shape[1]) / rate
        return voice * np.exp(-0.01 * np.maximum(time - 150, 0))


class RacesSeparating(Equaliser):
    """Keeps the rate of the call at work where another thread's call can change it."""

    def separate(self, mixture: Audio) -> Stems:
        self.rate = mixture.sample_rate
        stems = super().separate(mixture)
        vocals = stems.vocals.numpy() * np.float32(0.9 if self.rate != mixture.sample_rate else 1)
        rest = mixture.numpy() - vocals
        return Stems(Audio(vocals, mixture.sample_rate), Audio(rest, mixture.sample_rate))


class SeparatesByProcess(ChangedVocals):
    def change(self, mixture: Samples, voice: Samples, rate: int) -> Samples:
        return voice * OF_THIS_PROCESS


class KeepsHalfMixture(ChangedVocals):
    """Keeps all that it hears, in half the precision."""

    def __init__(self) -> None:
        self.past: list[Samples] = []

    def change(self, mixture: Samples, voice: Samples, rate: int) -> Samples:
        self.past.append(mixture.astype(np.float16))
        return voice


class ChangedStream(EqualiserStream):
    """Changes the vocals that a stream returns."""

    def feed(self, block: Audio) -> Stems:
        return self.changed(super().feed(block), last=False)

    def flush(self) -> Stems:
        return self.changed(super().flush(), last=True)

    def changed(self, stems: Stems, *, last: bool) -> Stems:
        vocals, rest = stems.vocals.numpy(), stems.accompaniment.numpy()
        voice = self.change(vocals, last=last).astype(np.float32)
        return Stems(Audio(voice, self.rate), Audio(vocals + rest - voice, self.rate))

    def change(self, vocals: Samples, *, last: bool) -> Samples:
        raise NotImplementedError


class StreamsStemsLate(Equaliser):
    """Its stream's vocals are two samples late."""

    def stream(self, sample_rate: int) -> EqualiserStream:
        class Late(ChangedStream):
            kept: Samples | None = None
            before: Samples | None = None

            def change(self, vocals: Samples, *, last: bool) -> Samples:
                before = np.zeros((len(vocals), 2)) if self.before is None else self.before
                whole = np.concatenate([before, vocals], axis=1)
                self.before = whole[:, -2:]
                return whole[:, :-2]

        return Late(self, sample_rate)


class StreamsNoEnd(Equaliser):
    def stream(self, sample_rate: int) -> EqualiserStream:
        class Cut(ChangedStream):
            def change(self, vocals: Samples, *, last: bool) -> Samples:
                return vocals * (not last)

        return Cut(self, sample_rate)

    def separate(self, mixture: Audio) -> Stems:
        return super().separate(mixture)


class KeepsStreamMixture(Equaliser):
    def stream(self, sample_rate: int) -> EqualiserStream:
        past: list[Samples] = []

        class Hoarding(ChangedStream):
            def change(self, vocals: Samples, *, last: bool) -> Samples:
                past.append(vocals.astype(np.float16))
                return vocals

        return Hoarding(self, sample_rate)
