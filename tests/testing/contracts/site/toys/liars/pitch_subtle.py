"""Trackers that are wrong at some rates, in some registers, after some time or by a little."""

from __future__ import annotations

import os
import random
from typing import Any

import numpy as np
from attrs import evolve
from autovoice_acf.tracker import Tracker
from numpy.typing import NDArray

from autovoice_core import Audio, PitchFrames
from toys.honest.pitch import StreamingTracker, TrackerStream
from toys.liars.pitch_accuracy import bent, masked

Centres = NDArray[np.int64]

OF_THIS_PROCESS = random.SystemRandom().random()


def sharp(frames: PitchFrames, cents: Any) -> PitchFrames:
    """Return a track that is so many cents higher."""
    return bent(frames, 2.0 ** (np.asarray(cents) / 1200))


def later(frames: PitchFrames, before: PitchFrames) -> PitchFrames:
    """Return a track with the voicing of an earlier one."""
    f0 = np.where(before.voiced, np.where(frames.voiced, frames.f0, before.f0), 0.0)
    return PitchFrames(f0, f0 > 0, frames.confidence)


class SharpAt44K(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return sharp(found, 20.0 * (audio.sample_rate != 16_000))


class SharpOnTop(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return sharp(found, 20.0 * (found.f0 > 600))


class OnAGrid(Tracker):
    """Rounds to 15 cents."""

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        cents = 1200 * np.log2(np.maximum(found.f0, 1.0))
        return sharp(found, 15 * np.rint(cents / 15) - cents)


class VoicesLate(Tracker):
    """Its voicing is one frame late, its f0 is not."""

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        before = np.maximum(centres - audio.sample_rate // 100, 0)
        return later(super().estimate(audio, centres), super().estimate(audio, before))


class HearsTheLoudest(Tracker):
    """Calls only what is within 26 dB of the loudest sound voiced."""

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        samples = np.abs(audio.numpy()[0])
        half = audio.sample_rate // 50
        near = [samples[max(0, at - half) : at + half].max(initial=0.0) for at in centres]
        return masked(
            super().estimate(audio, centres), np.array(near) > 0.05 * samples.max(initial=0.0)
        )


class DriftsTracking(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return sharp(found, np.maximum(centres / audio.sample_rate - 150, 0))


class StopsTracking(Tracker):
    """Finds nothing voiced in the last 60 ms at 44.1 kHz."""

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        end = audio.frames - 0.06 * audio.sample_rate * (audio.sample_rate > 40_000)
        return masked(super().estimate(audio, centres), centres <= end)


class RacesTracking(Tracker):
    """Keeps the sample rate of the call at work where another thread's call can change it."""

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        self.rate = audio.sample_rate
        found = super().estimate(audio, centres)
        return bent(found, self.rate / audio.sample_rate)


class TracksByProcess(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        return sharp(super().estimate(audio, centres), 1000 * OF_THIS_PROCESS)


class KeepsHalf(Tracker):
    """Keeps all that it hears, in half the precision."""

    def __init__(self, fmin: float, fmax: float) -> None:
        super().__init__(fmin, fmax)
        self.past: list[Any] = []

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        self.past.append(audio.numpy().astype(np.float16))
        return super().estimate(audio, centres)


class ForgetsUmask(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        os.umask(0o007)
        return super().estimate(audio, centres)


class ChangedStream(StreamingTracker):
    """Changes what its stream returns."""

    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        stream = super().stream(sample_rate, hop=hop)
        feed, flush = stream.feed, stream.flush
        stream.feed = lambda block: self.change(feed(block), stream, last=False)  # type: ignore[method-assign]
        stream.flush = lambda: self.change(flush(), stream, last=True)  # type: ignore[method-assign]
        return stream

    def change(self, found: PitchFrames, stream: TrackerStream, *, last: bool) -> PitchFrames:
        raise NotImplementedError


class StreamsVoicingLate(ChangedStream):
    """Its voicing is a frame late in streams."""

    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        stream = super().stream(sample_rate, hop=hop)
        self.kept = PitchFrames(np.zeros(1), np.zeros(1, bool), np.zeros(1, np.float32))
        return stream

    def change(self, found: PitchFrames, stream: TrackerStream, *, last: bool) -> PitchFrames:
        if not len(found.f0):
            return found
        f0 = np.concatenate([self.kept.f0[-1:], found.f0])
        self.kept = found
        before = PitchFrames(f0[:-1], f0[:-1] > 0, found.confidence)
        return later(found, before)


class FlushesLate(ChangedStream):
    """What flush() returns is two frames late."""

    def change(self, found: PitchFrames, stream: TrackerStream, *, last: bool) -> PitchFrames:
        if not last or len(found.f0) < 3:
            return found
        f0 = np.concatenate([found.f0[:1], found.f0[:1], found.f0[:-2]])
        return PitchFrames(f0, f0 > 0, found.confidence)


class FlushesNothing(ChangedStream):
    def change(self, found: PitchFrames, stream: TrackerStream, *, last: bool) -> PitchFrames:
        return masked(found, not last)


class StreamsSharpAt44K(ChangedStream):
    def change(self, found: PitchFrames, stream: TrackerStream, *, last: bool) -> PitchFrames:
        return sharp(found, 20.0 * (stream.rate > 40_000))


class StreamsAndDrifts(ChangedStream):
    def change(self, found: PitchFrames, stream: TrackerStream, *, last: bool) -> PitchFrames:
        return sharp(found, 5.0 * (stream.fed > 150 * stream.rate))


class KeepsStream(ChangedStream):
    """Keeps all that its stream is fed."""

    def change(self, found: PitchFrames, stream: TrackerStream, *, last: bool) -> PitchFrames:
        past = stream.__dict__.setdefault("past", [])
        past.append(stream.samples[-4000:].astype(np.float16))
        return evolve(found)
