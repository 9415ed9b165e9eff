"""Separators that break a promise, always or in some cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from autovoice_core import Audio, Stems
from toys.honest.separation import Equaliser


class ChangedVocals(Equaliser):
    """Equalises, then changes the vocals."""

    def separate(self, mixture: Audio) -> Stems:
        samples, rate = mixture.numpy(), mixture.sample_rate
        vocals = super().separate(mixture).vocals.numpy().copy()
        voice = self.change(samples, vocals, rate).astype(np.float32)
        return Stems(Audio(voice, rate), Audio(samples - voice, rate))

    def change(self, mixture: NDArray[Any], voice: NDArray[Any], rate: int) -> NDArray[Any]:
        raise NotImplementedError


class SwapsChannels(Equaliser):
    def separate(self, mixture: Audio) -> Stems:
        vocals = super().separate(mixture).vocals.numpy()[::-1]
        return Stems(
            Audio(vocals.copy(), mixture.sample_rate),
            Audio(mixture.numpy() - vocals, mixture.sample_rate),
        )


class SwapsStems(Equaliser):
    def separate(self, mixture: Audio) -> Stems:
        stems = super().separate(mixture)
        return Stems(stems.accompaniment, stems.vocals)


class LosesSome(Equaliser):
    def separate(self, mixture: Audio) -> Stems:
        stems = super().separate(mixture)
        return evolve(stems, accompaniment=scaled(stems.accompaniment, 0.99))


class CutsShort(Equaliser):
    def separate(self, mixture: Audio) -> Stems:
        whole = mixture.frames // 64 * 64
        return super().separate(Audio(mixture.numpy()[:, :whole], mixture.sample_rate))


class Delays(Equaliser):
    def separate(self, mixture: Audio) -> Stems:
        vocals = super().separate(mixture).vocals.numpy()
        late = np.pad(vocals, ((0, 0), (3, 0)))[:, : mixture.frames]
        rest = mixture.numpy() - late
        return Stems(Audio(late, mixture.sample_rate), Audio(rest, mixture.sample_rate))


class Clips(Equaliser):
    def separate(self, mixture: Audio) -> Stems:
        vocals = np.clip(super().separate(mixture).vocals.numpy(), -1, 1)
        rest = mixture.numpy() - vocals
        return Stems(Audio(vocals, mixture.sample_rate), Audio(rest, mixture.sample_rate))


class Hisses(Equaliser):
    def separate(self, mixture: Audio) -> Stems:
        vocals = super().separate(mixture).vocals.numpy() + np.float32(1e-5)
        rest = mixture.numpy() - vocals
        return Stems(Audio(vocals, mixture.sample_rate), Audio(rest, mixture.sample_rate))


class KnowsStereo(Equaliser):
    def separate(self, mixture: Audio) -> Stems:
        vocals = super().separate(mixture).vocals.numpy()
        vocals[2:] = 0
        rest = mixture.numpy() - vocals
        return Stems(Audio(vocals, mixture.sample_rate), Audio(rest, mixture.sample_rate))


class GuessesLevel(Equaliser):
    """Uses the peak of the whole mixture, beyond its context."""

    def separate(self, mixture: Audio) -> Stems:
        stems = super().separate(mixture)
        samples = mixture.numpy()
        ratio = np.abs(samples).mean() / max(float(np.abs(samples).max(initial=0)), 1e-9)
        vocals = stems.vocals.numpy() * np.float32(1 - ratio)
        rest = samples - vocals
        return Stems(Audio(vocals, mixture.sample_rate), Audio(rest, mixture.sample_rate))


class SwapsLast(ChangedVocals):
    """Swaps the last two of eight channels."""

    def change(self, mixture: NDArray[Any], voice: NDArray[Any], rate: int) -> NDArray[Any]:
        return voice[[0, 1, 2, 3, 4, 5, 7, 6]] if len(voice) == 8 else voice


class NeedsRight(ChangedVocals):
    """Finds no voice if the second channel is silent."""

    def change(self, mixture: NDArray[Any], voice: NDArray[Any], rate: int) -> NDArray[Any]:
        return voice * (len(voice) < 2 or mixture[1].any())


class DropsOdd(ChangedVocals):
    def change(self, mixture: NDArray[Any], voice: NDArray[Any], rate: int) -> NDArray[Any]:
        voice[:, voice.shape[1] // 2 * 2 :] = 0
        return voice


class Dark(ChangedVocals):
    """Works at 16 kHz internally."""

    def change(self, mixture: NDArray[Any], voice: NDArray[Any], rate: int) -> NDArray[Any]:
        spectrum = np.fft.rfft(voice.astype(np.float64), axis=1)
        spectrum[:, np.fft.rfftfreq(voice.shape[1], 1 / rate) > 8000] = 0
        return np.asarray(np.fft.irfft(spectrum, voice.shape[1], axis=1))


class Offsets(ChangedVocals):
    def change(self, mixture: NDArray[Any], voice: NDArray[Any], rate: int) -> NDArray[Any]:
        return voice + 3e-3 * (mixture != 0)


class HumsInPauses(ChangedVocals):
    def change(self, mixture: NDArray[Any], voice: NDArray[Any], rate: int) -> NDArray[Any]:
        hum = 1e-3 * np.sin(2 * np.pi * 100 * np.arange(voice.shape[1]) / rate)
        return voice + hum * mixture.any()


class LevelsBatch(Equaliser):
    """Scales each mixture by the level of all."""

    def separate_batch(self, mixtures: Sequence[Audio]) -> list[Stems]:
        mean = sum(np.abs(mixture.numpy()).mean() for mixture in mixtures) / len(mixtures)
        gain = np.float32(1 - 0.01 * mean)
        alone = [self.separate(mixture) for mixture in mixtures]
        return [
            Stems(
                Audio(gain * stems.vocals.numpy(), mixture.sample_rate),
                Audio(mixture.numpy() - gain * stems.vocals.numpy(), mixture.sample_rate),
            )
            for mixture, stems in zip(mixtures, alone, strict=True)
        ]


def scaled(audio: Audio, gain: float) -> Audio:
    """Return a sound times ``gain``."""
    return Audio(np.float32(gain) * audio.numpy(), audio.sample_rate)
