"""Converters that are wrong at some rates, after some time or with two voices of one name."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from autovoice_core import Audio
from toys.honest.conversion import (
    ConversionWrapper,
    ConverterWrapper,
    ShiftingConverter,
    ShiftingStream,
)
from toys.liars.pitch_subtle import OF_THIS_PROCESS
from toys.liars.separation import scaled

Samples = NDArray[Any]


class Unchanged:
    """Keeps the voice: little work, where the lie is in something else."""

    def __init__(self, wrapper: ChangesLittle) -> None:
        self.wrapper = wrapper

    def observe(self, vocals: Audio, start: int) -> None:
        pass

    def render(self, vocals: Audio, start: int) -> Audio:
        changed = self.wrapper.changed(vocals.numpy(), vocals.sample_rate, start)
        return Audio(changed.astype(np.float32), vocals.sample_rate)


class ChangesLittle(ConverterWrapper):
    """A converter of no voice, which breaks another promise too."""

    context = 0.0

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.context = 0.1
        self.learn = lambda recordings: {"count": np.array([float(len(list(recordings)))])}

    def grid(self, sample_rate: int) -> int:
        return 1

    def begin(self, voice: Any, pitch: Any, sample_rate: int, *, key: float) -> Any:
        return Unchanged(self)

    def changed(self, vocals: Samples, rate: int, start: int) -> Samples:
        raise NotImplementedError


class KeepsVoiceAt44K(ConverterWrapper):
    def change(self, vocals: Audio, result: Audio) -> Audio:
        return result if vocals.sample_rate == 16_000 else vocals


class CrossesAt44K(ConverterWrapper):
    """Swaps the channels at 44.1 kHz."""

    def change(self, vocals: Audio, result: Audio) -> Audio:
        if result.sample_rate < 40_000:
            return result
        return Audio(result.numpy()[::-1].copy(), result.sample_rate)


class KnowsNames(ConverterWrapper):
    """Takes a voice for another of its name."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.known: dict[str, Any] = {}

    def begin(self, voice: Any, pitch: Any, sample_rate: int, *, key: float) -> Any:
        voice = self.known.setdefault(voice.name, voice)
        return super().begin(voice, pitch, sample_rate, key=key)


class SharesKeys(ConverterWrapper):
    """Sings in the key of the song that was begun last."""

    def begin(self, voice: Any, pitch: Any, sample_rate: int, *, key: float) -> Any:
        self.last_key = key
        begin, wrapper = super().begin, self

        class Late(ConversionWrapper):
            def observe(self, vocals: Audio, start: int) -> None:
                self.inner = begin(voice, pitch, sample_rate, key=wrapper.last_key).inner
                self.inner.observe(vocals, start)

        return Late(self, None)


class FadesOut(ChangesLittle):
    def changed(self, vocals: Samples, rate: int, start: int) -> Samples:
        left = np.arange(vocals.shape[1], 0, -1) / (0.03 * rate)
        return vocals * np.minimum(left, 1.0)


class DriftsConverting(ChangesLittle):
    """Is later and later after two and a half minutes."""

    def changed(self, vocals: Samples, rate: int, start: int) -> Samples:
        at = np.arange(vocals.shape[1])
        late = np.maximum((start + at) / rate - 150, 0) * rate / 1000
        return vocals[:, np.maximum(at - late.astype(int), 0)]


class FollowsTheLoudest(ChangesLittle):
    def changed(self, vocals: Samples, rate: int, start: int) -> Samples:
        return vocals * (1 - 0.5 * np.abs(vocals).max(initial=0.0))


class ConvertsByProcess(ChangesLittle):
    def changed(self, vocals: Samples, rate: int, start: int) -> Samples:
        return vocals * OF_THIS_PROCESS


class RacesConverting(ChangesLittle):
    """Keeps the sound at work where another thread's call can change it."""

    def changed(self, vocals: Samples, rate: int, start: int) -> Samples:
        self.rate = rate
        loud = np.cumsum(np.abs(vocals), axis=1)
        for _ in range(20):
            loud = np.cumsum(loud, axis=1) / (1 + loud)
        return vocals * (1.0 if self.rate == rate else 0.5)


class KeepsHalfVocals(ChangesLittle):
    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.past: list[Samples] = []

    def changed(self, vocals: Samples, rate: int, start: int) -> Samples:
        self.past.append(vocals.astype(np.float16))
        return vocals


class ChangedStream(ShiftingStream):
    """Changes what a stream returns."""

    def feed(self, block: Audio) -> Audio:
        return self.changed(super().feed(block), last=False)

    def flush(self) -> Audio:
        return self.changed(super().flush(), last=True)

    def changed(self, result: Audio, *, last: bool) -> Audio:
        raise NotImplementedError


class CrossesStreams(ShiftingConverter):
    """Swaps the channels of streams."""

    def stream(self, sample_rate: int, *, voice: Any, key: float) -> ShiftingStream:
        class Crossed(ChangedStream):
            def changed(self, result: Audio, *, last: bool) -> Audio:
                return evolve(result, samples=result.numpy()[::-1].copy())

        return Crossed(sample_rate, super().stream(sample_rate, voice=voice, key=key).colour, key)


class StreamsSungSharp(ShiftingConverter):
    """Its streams are 20 cents sharp at 44.1 kHz."""

    def stream(self, sample_rate: int, *, voice: Any, key: float) -> ShiftingStream:
        return super().stream(sample_rate, voice=voice, key=key + 0.2 * (sample_rate > 40_000))


class StreamsOneVoice(ShiftingConverter):
    """Its streams know no timbre at 44.1 kHz."""

    def stream(self, sample_rate: int, *, voice: Any, key: float) -> ShiftingStream:
        stream = super().stream(sample_rate, voice=voice, key=key)
        stream.colour *= 0.1 if sample_rate > 40_000 else 1.0
        return stream


class StreamsNoLast(ShiftingConverter):
    def stream(self, sample_rate: int, *, voice: Any, key: float) -> ShiftingStream:
        class Cut(ChangedStream):
            def changed(self, result: Audio, *, last: bool) -> Audio:
                return scaled(result, float(not last))

        return Cut(sample_rate, super().stream(sample_rate, voice=voice, key=key).colour, key)
