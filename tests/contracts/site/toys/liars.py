"""Backends that break one promise each, as wrappers around honest ones."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from attrs import evolve
from autovoice_acf.tracker import RATE, Tracker
from numpy.typing import NDArray

from autovoice_core import Audio, PitchFrames, Stems
from toys.honest import Equaliser, Streaming, TrackerStream

Centres = NDArray[np.int64]


def bent(frames: PitchFrames, factor: Any) -> PitchFrames:
    """Return a track with f0 times ``factor``."""
    return evolve(frames, f0=frames.f0 * factor)


class Sharp(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        return bent(super().estimate(audio, centres), 2 ** (30 / 1200))


class Late(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        return super().estimate(audio, np.maximum(centres - audio.sample_rate // 100, 0))


class Octave(Tracker):
    """Hears /u/, whose upper formants are weak, an octave low."""

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        power = np.abs(np.fft.rfft(audio.numpy()[0])) ** 2
        frequency = np.fft.rfftfreq(audio.frames, 1 / audio.sample_rate)
        dark = power[frequency > 1200].sum() < 1e-3 * power.sum()
        return bent(super().estimate(audio, centres), 0.5 if dark else 1.0)


class HighOctave(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return bent(found, np.where(found.f0 > 420, 0.5, 1.0))


class DeafToRate(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return bent(found, 1.0 if audio.sample_rate < 100_000 else 0.9)


class DeafToRange(Tracker):
    def __init__(self, fmin: float, fmax: float) -> None:
        super().__init__(50, 1100)


class Smooth(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        if not found.voiced.all() or len(centres) < 30:
            return found
        kernel = np.ones(15) / 15
        return evolve(found, f0=np.convolve(np.pad(found.f0, 7, "edge"), kernel, "valid"))


class HearsVoices(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        f0 = np.where(found.voiced, found.f0, 100.0)
        return PitchFrames(f0, f0 > 0, found.confidence)


class LikesNoise(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        loud = np.abs(audio.numpy()).max(initial=0.0) > 0
        f0 = np.where(found.voiced, found.f0, 100.0 * loud)
        return PitchFrames(f0, f0 > 0, found.confidence)


class LikesLoud(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        f0 = found.f0 * (np.abs(audio.numpy()).max(initial=0.0) > 0.05)
        return PitchFrames(f0, f0 > 0, found.confidence)


class AlwaysSure(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return evolve(found, confidence=np.ones_like(found.confidence))


class ShortSighted(Tracker):
    context = 0.001


class OffTheGrid(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return bent(found, 1 + 0.01 * np.sin(centres / audio.sample_rate))


class DropsLast(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        return super().estimate(audio, centres[:-1])


class Single(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return evolve(found, f0=found.f0.astype(np.float32))


class OnCuda:
    """An array that says it is on a GPU."""

    def __init__(self, values: NDArray[Any]) -> None:
        self.values = values

    def __dlpack__(self, **options: Any) -> Any:
        return self.values.__dlpack__()

    def __dlpack_device__(self) -> tuple[int, int]:
        return (2, 0)


class Elsewhere(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return evolve(found, f0=OnCuda(found.f0))


class HalfVoiced(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return evolve(found, f0=np.where(found.voiced, found.f0, 1.0))


class Remembers(Tracker):
    def __init__(self, fmin: float, fmax: float) -> None:
        super().__init__(fmin, fmax)
        self.calls = 0

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        self.calls += 1
        return bent(super().estimate(audio, centres), 1 + 1e-9 * self.calls)


class Reuses(Tracker):
    def __init__(self, fmin: float, fmax: float) -> None:
        super().__init__(fmin, fmax)
        self.f0 = np.zeros(0)

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        if len(self.f0) != len(found.f0):
            self.f0 = np.zeros(len(found.f0))
        self.f0[:] = found.f0
        return evolve(found, f0=self.f0)


class Scribbles(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        samples = audio.numpy()
        if samples.flags.writeable:
            samples *= 0.99
        return super().estimate(audio, centres)


class WantsContiguous(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        samples = audio.numpy()
        step = samples.strides[1] // 4
        raw = np.lib.stride_tricks.as_strided(samples, samples.shape, (samples.strides[0], 4))
        misread = raw.copy() if step > 1 else samples
        return super().estimate(Audio(misread, audio.sample_rate), centres)


class OneAtATime(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        self.audio = audio
        time.sleep(0.002)
        return super().estimate(self.audio, centres)


class Chatters(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        print("tracking")  # noqa: T201
        return super().estimate(audio, centres)


class Seeds(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        np.random.seed(0)  # noqa: NPY002
        np.random.rand()  # noqa: NPY002
        np.random.seed(len(centres) + int(time.monotonic_ns() % 1000))  # noqa: NPY002
        return super().estimate(audio, centres)


class Hoards(Tracker):
    def __init__(self, fmin: float, fmax: float) -> None:
        super().__init__(fmin, fmax)
        self.past: list[Any] = []

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        self.past.append(audio.numpy().copy())
        return super().estimate(audio, centres)


class FearsNothing(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        audio.numpy().max()
        return super().estimate(audio, centres)


class LooksAhead(Streaming):
    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        stream = super().stream(sample_rate, hop=hop)
        stream.wait = 0.2
        return stream


class GuessesAhead(Streaming):
    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        stream = super().stream(sample_rate, hop=hop)
        stream.wait = stream.latency = 0.0
        return stream


class StreamsSharp(Streaming):
    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        return TrackerStream(Sharp2(50, 1100), sample_rate, hop, 0.1)


class Sharp2(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        return bent(super().estimate(audio, centres), 2 ** (40 / 1200))


class SharesStreams(Streaming):
    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        stream = super().stream(sample_rate, hop=hop)
        shared = self.__dict__.setdefault("shared", {})
        plain = stream.feed

        def feed(block: Audio) -> PitchFrames:
            before = shared.get("block")
            shared["block"], shared["of"] = block, stream
            if before is not None and shared.get("last") not in {None, id(stream)}:
                block = before
            shared["last"] = id(stream)
            return plain(block)

        stream.feed = feed  # type: ignore[method-assign]
        return stream


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
    """Looks at the loudest moment of all it is given, beyond its context."""

    def separate(self, mixture: Audio) -> Stems:
        stems = super().separate(mixture)
        samples = mixture.numpy()
        ratio = np.abs(samples).mean() / max(float(np.abs(samples).max(initial=0)), 1e-9)
        vocals = stems.vocals.numpy() * np.float32(1 - ratio)
        rest = samples - vocals
        return Stems(Audio(vocals, mixture.sample_rate), Audio(rest, mixture.sample_rate))


def scaled(audio: Audio, gain: float) -> Audio:
    """Return a sound louder by ``gain``."""
    return Audio(np.float32(gain) * audio.numpy(), audio.sample_rate)


class FalseAudio(Audio):
    """Audio that skips the checks of its kind."""

    def __attrs_post_init__(self) -> None:
        pass


class Double(Equaliser):
    def separate(self, mixture: Audio) -> Stems:
        stems = super().separate(mixture)
        return Stems(
            FalseAudio(stems.vocals.numpy().astype(np.float64), mixture.sample_rate),
            stems.accompaniment,
        )


class Singer:
    """A converter around another one, whose conversions are changed."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.context, self.feature_id = inner.context, inner.feature_id
        self.grid, self.learn = inner.grid, inner.learn

    def begin(self, voice: Any, pitch: Any, sample_rate: int, *, key: float) -> Any:
        return Changed(self, self.inner.begin(voice, pitch, sample_rate, key=self.key(key)))

    def key(self, key: float) -> float:
        return key

    def change(self, vocals: Audio, result: Audio) -> Audio:
        return result


class Changed:
    def __init__(self, singer: Singer, inner: Any) -> None:
        self.singer, self.inner = singer, inner

    def observe(self, vocals: Audio, start: int) -> None:
        self.inner.observe(vocals, start)

    def render(self, vocals: Audio, start: int) -> Audio:
        return self.singer.change(vocals, self.inner.render(vocals, start))


class KeepsKey(Singer):
    def key(self, key: float) -> float:
        return 0.0


class KeepsVoice(Singer):
    def change(self, vocals: Audio, result: Audio) -> Audio:
        return vocals


class Whispers(Singer):
    def change(self, vocals: Audio, result: Audio) -> Audio:
        return scaled(result, 0.2)


class Lags(Singer):
    def change(self, vocals: Audio, result: Audio) -> Audio:
        late = result.sample_rate // 50
        samples = np.pad(result.numpy(), ((0, 0), (late, 0)))[:, : result.frames]
        return Audio(samples, result.sample_rate)


class MixesSongs(Singer):
    def begin(self, voice: Any, pitch: Any, sample_rate: int, *, key: float) -> Any:
        self.song = self.inner.begin(voice, pitch, sample_rate, key=key)
        singer = self

        class Shared(Changed):
            def observe(self, vocals: Audio, start: int) -> None:
                singer.song.observe(vocals, start)

            def render(self, vocals: Audio, start: int) -> Audio:
                result: Audio = singer.song.render(vocals, start)
                return result

        return Shared(self, self.song)


class Hums(Singer):
    def change(self, vocals: Audio, result: Audio) -> Audio:
        hum = 0.001 * np.sin(2 * np.pi * 50 * np.arange(result.frames) / RATE)
        return Audio(result.numpy() + hum.astype(np.float32), result.sample_rate)
