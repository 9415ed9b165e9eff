"""Converters that break a promise, always or in some cases."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve
from autovoice_acf.tracker import RATE

from autovoice_core import Audio, PitchTrack
from toys.honest.conversion import ConversionWrapper, ConverterWrapper
from toys.liars.separation import scaled


class KeepsKey(ConverterWrapper):
    def key(self, key: float) -> float:
        return 0.0


class Whispers(ConverterWrapper):
    def change(self, vocals: Audio, result: Audio) -> Audio:
        return scaled(result, 0.2)


class Lags(ConverterWrapper):
    def change(self, vocals: Audio, result: Audio) -> Audio:
        late = result.sample_rate // 50
        samples = np.pad(result.numpy(), ((0, 0), (late, 0)))[:, : result.frames]
        return Audio(samples, result.sample_rate)


class MixesSongs(ConverterWrapper):
    def begin(self, voice: Any, pitch: Any, sample_rate: int, *, key: float) -> Any:
        self.song = self.inner.begin(voice, pitch, sample_rate, key=key)
        wrapper = self

        class Shared(ConversionWrapper):
            def observe(self, vocals: Audio, start: int) -> None:
                wrapper.song.observe(vocals, start)

            def render(self, vocals: Audio, start: int) -> Audio:
                result: Audio = wrapper.song.render(vocals, start)
                return result

        return Shared(self, self.song)


class SharesWindows(ConverterWrapper):
    """Scales to the level of whichever window came last."""

    renders_in_parallel = True

    def begin(self, voice: Any, pitch: PitchTrack, sample_rate: int, *, key: float) -> Any:
        class Forgetful(ConversionWrapper):
            def render(self, vocals: Audio, start: int) -> Audio:
                self.vocals = vocals
                result = self.inner.render(vocals, start)
                return scaled(result, 1.0 + float(np.abs(self.vocals.numpy()).mean()))

        return Forgetful(self, self.inner.begin(voice, pitch, sample_rate, key=key))


class Hums(ConverterWrapper):
    def change(self, vocals: Audio, result: Audio) -> Audio:
        hum = 0.001 * np.sin(2 * np.pi * 50 * np.arange(result.frames) / RATE)
        return Audio(result.numpy() + hum.astype(np.float32), result.sample_rate)


class Modest(ConverterWrapper):
    """Is better than its offer claims."""


class OctaveAtMost(ConverterWrapper):
    def key(self, key: float) -> float:
        return max(-12.0, min(12.0, key))


class CopiesLeft(ConverterWrapper):
    def change(self, vocals: Audio, result: Audio) -> Audio:
        return Audio(np.repeat(result.numpy()[:1], result.channels, axis=0), result.sample_rate)


class HopOfTen(ConverterWrapper):
    """Assumes a hop of 10 ms."""

    def begin(self, voice: Any, pitch: PitchTrack, sample_rate: int, *, key: float) -> Any:
        return super().begin(voice, evolve(pitch, hop=0.01), sample_rate, key=key)


class WritesToVoice(ConverterWrapper):
    def begin(self, voice: Any, pitch: PitchTrack, sample_rate: int, *, key: float) -> Any:
        for values in voice.features.values():
            if values.dtype.kind == "f":
                values *= values.dtype.type(1.001)
        return super().begin(voice, pitch, sample_rate, key=key)


class LearnsOne(ConverterWrapper):
    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.learn = lambda recordings: inner.learn([next(iter(recordings))])


class Mumbles(ConverterWrapper):
    """Drops the consonants."""

    def begin(self, voice: Any, pitch: PitchTrack, sample_rate: int, *, key: float) -> Any:
        self.pitch = pitch
        return super().begin(voice, pitch, sample_rate, key=key)

    def change(self, vocals: Audio, result: Audio) -> Audio:
        index = (np.arange(result.frames) / result.sample_rate / self.pitch.hop).astype(int)
        sung = self.pitch.voiced[np.minimum(index, len(self.pitch) - 1)]
        return Audio((result.numpy() * sung).astype(np.float32), result.sample_rate)
