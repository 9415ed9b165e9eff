"""Backends that break a promise only now and then: at one rate, in one channel, after a minute."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve
from autovoice_acf.tracker import Tracker
from numpy.typing import NDArray

from autovoice_core import Audio, PitchFrames, PitchTrack, Stems
from toys.honest import Equaliser
from toys.liars import Centres, Singer, bent


def masked(frames: PitchFrames, keep: Any) -> PitchFrames:
    """Return a track that is unvoiced but where ``keep`` is true."""
    f0 = np.where(keep, frames.f0, 0.0)
    return PitchFrames(f0, f0 > 0, frames.confidence)


class LateAt48K(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        late = audio.sample_rate // 200 if audio.sample_rate == 48_000 else 0
        return super().estimate(audio, np.maximum(centres - late, 0))


class Forgets(Tracker):
    """Knows half a minute."""

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        return masked(super().estimate(audio, centres), centres < 30 * audio.sample_rate)


class MissesEdges(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return masked(found, centres < audio.frames - 0.025 * audio.sample_rate)


class Bleeds(Tracker):
    """Holds a note for 60 ms after its end."""

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        before = super().estimate(audio, np.maximum(centres - audio.sample_rate * 3 // 50, 0))
        f0 = np.where(found.voiced, found.f0, before.f0)
        return PitchFrames(f0, f0 > 0, found.confidence)


class HatesOffset(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        offset = abs(float(audio.numpy().mean())) if audio.frames else 0.0
        return masked(super().estimate(audio, centres), offset < 0.02)


class NeedsFundamental(Tracker):
    """Hears an octave up what has no fundamental."""

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        power = np.abs(np.fft.rfft(audio.numpy()[0])) ** 2
        low = power[: round(250 * audio.frames / audio.sample_rate) + 1].sum()
        return bent(found, 2.0 if low < 1e-4 * power.sum() else 1.0)


class EvenSteps(Tracker):
    """Believes that positions are evenly spaced."""

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        if len(centres) > 1:
            centres = np.linspace(centres[0], centres[-1], len(centres)).astype(np.int64)
        return super().estimate(audio, centres)


class Warns(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        warnings.warn("divide by zero", RuntimeWarning, stacklevel=2)
        return super().estimate(audio, centres)


class Retunes(Tracker):
    """All trackers look where the last one was told to look."""

    shared: tuple[int, int]

    def __init__(self, fmin: float, fmax: float) -> None:
        super().__init__(fmin, fmax)
        Retunes.shared = (self.shortest, self.longest)

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        self.shortest, self.longest = Retunes.shared
        return super().estimate(audio, centres)


class PadsBatch(Tracker):
    """Pads clips with the end of the longest one."""

    def estimate_batch(
        self, audios: Sequence[Audio], centres: Sequence[Centres]
    ) -> list[PitchFrames]:
        longest = max(audios, key=lambda audio: audio.frames).numpy()
        padded = [
            Audio(np.concatenate([audio.numpy(), longest[:, audio.frames :]], 1), audio.sample_rate)
            for audio in audios
        ]
        return [self.estimate(*clip) for clip in zip(padded, centres, strict=True)]


class MixesBatch(Tracker):
    """Answers the shortest clip first."""

    def estimate_batch(
        self, audios: Sequence[Audio], centres: Sequence[Centres]
    ) -> list[PitchFrames]:
        order = sorted(range(len(audios)), key=lambda i: audios[i].frames)
        return [
            self.estimate(audios[i], np.minimum(centres[j], audios[i].frames))
            for j, i in enumerate(order)
        ]


class Changes(Equaliser):
    """Equalises, and does something else to the voice."""

    def separate(self, mixture: Audio) -> Stems:
        samples, rate = mixture.numpy(), mixture.sample_rate
        vocals = super().separate(mixture).vocals.numpy().copy()
        voice = self.change(samples, vocals, rate).astype(np.float32)
        return Stems(Audio(voice, rate), Audio(samples - voice, rate))

    def change(self, mixture: NDArray[Any], voice: NDArray[Any], rate: int) -> NDArray[Any]:
        raise NotImplementedError


class SwapsLast(Changes):
    """Swaps the last two of eight channels."""

    def change(self, mixture: NDArray[Any], voice: NDArray[Any], rate: int) -> NDArray[Any]:
        return voice[[0, 1, 2, 3, 4, 5, 7, 6]] if len(voice) == 8 else voice


class NeedsRight(Changes):
    """Hears no voice where the second channel is silent."""

    def change(self, mixture: NDArray[Any], voice: NDArray[Any], rate: int) -> NDArray[Any]:
        return voice * (len(voice) < 2 or mixture[1].any())


class DropsOdd(Changes):
    def change(self, mixture: NDArray[Any], voice: NDArray[Any], rate: int) -> NDArray[Any]:
        voice[:, voice.shape[1] // 2 * 2 :] = 0
        return voice


class Dark(Changes):
    """Works at 16 kHz inside."""

    def change(self, mixture: NDArray[Any], voice: NDArray[Any], rate: int) -> NDArray[Any]:
        spectrum = np.fft.rfft(voice.astype(np.float64), axis=1)
        spectrum[:, np.fft.rfftfreq(voice.shape[1], 1 / rate) > 8000] = 0
        return np.asarray(np.fft.irfft(spectrum, voice.shape[1], axis=1))


class Offsets(Changes):
    def change(self, mixture: NDArray[Any], voice: NDArray[Any], rate: int) -> NDArray[Any]:
        return voice + 3e-3 * (mixture != 0)


class HumsInPauses(Changes):
    def change(self, mixture: NDArray[Any], voice: NDArray[Any], rate: int) -> NDArray[Any]:
        hum = 1e-3 * np.sin(2 * np.pi * 100 * np.arange(voice.shape[1]) / rate)
        return voice + hum * mixture.any()


class LevelsBatch(Equaliser):
    """Weighs each mixture by the level of all."""

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


class Modest(Singer):
    """Sings better than its offer says."""


class OctaveAtMost(Singer):
    def key(self, key: float) -> float:
        return max(-12.0, min(12.0, key))


class CopiesLeft(Singer):
    def change(self, vocals: Audio, result: Audio) -> Audio:
        return Audio(np.repeat(result.numpy()[:1], result.channels, axis=0), result.sample_rate)


class HopOfTen(Singer):
    """Believes that pitch comes every 10 ms."""

    def begin(self, voice: Any, pitch: PitchTrack, sample_rate: int, *, key: float) -> Any:
        return super().begin(voice, evolve(pitch, hop=0.01), sample_rate, key=key)


class WritesToVoice(Singer):
    def begin(self, voice: Any, pitch: PitchTrack, sample_rate: int, *, key: float) -> Any:
        for values in voice.features.values():
            if values.dtype.kind == "f":
                values *= values.dtype.type(1.001)
        return super().begin(voice, pitch, sample_rate, key=key)


class LearnsOne(Singer):
    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.learn = lambda recordings: inner.learn([next(iter(recordings))])


class Mumbles(Singer):
    """Sings, and leaves the consonants out."""

    def begin(self, voice: Any, pitch: PitchTrack, sample_rate: int, *, key: float) -> Any:
        self.pitch = pitch
        return super().begin(voice, pitch, sample_rate, key=key)

    def change(self, vocals: Audio, result: Audio) -> Audio:
        index = (np.arange(result.frames) / result.sample_rate / self.pitch.hop).astype(int)
        sung = self.pitch.voiced[np.minimum(index, len(self.pitch) - 1)]
        return Audio((result.numpy() * sung).astype(np.float32), result.sample_rate)
