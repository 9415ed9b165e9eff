"""Trackers whose streams break a promise: in latency, in blocks, at their end, after a while."""

from __future__ import annotations

import numpy as np
from attrs import evolve
from autovoice_acf.tracker import Tracker
from numpy.typing import NDArray

from autovoice_core import Audio, PitchFrames
from toys.honest.pitch import StreamingTracker, TrackerStream
from toys.liars.pitch_accuracy import bent

Centres = NDArray[np.int64]


class LooksAhead(StreamingTracker):
    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        stream = super().stream(sample_rate, hop=hop)
        stream.wait = 0.2
        return stream


class GuessesAhead(StreamingTracker):
    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        stream = super().stream(sample_rate, hop=hop)
        stream.wait = stream.latency = 0.0
        return stream


class StreamsSharp(StreamingTracker):
    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        return TrackerStream(SharpBy40Cents(50, 1100), sample_rate, hop, 0.1)


class SharpBy40Cents(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        return bent(super().estimate(audio, centres), 2 ** (40 / 1200))


class SharesStreams(StreamingTracker):
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


class StreamsHop(StreamingTracker):
    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        return super().stream(sample_rate, hop=0.01)


class EndsEarly(StreamingTracker):
    """Returns nothing for sounds shorter than its latency."""

    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        stream = super().stream(sample_rate, hop=hop)
        plain = stream.flush

        def flush() -> PitchFrames:
            found = plain()
            many = len(found.f0) if stream.fed > 0.1 * sample_rate else 0
            return PitchFrames(found.f0[:many], found.voiced[:many], found.confidence[:many])

        stream.flush = flush  # type: ignore[method-assign]
        return stream


class KeepsBlocks(StreamingTracker):
    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        stream = super().stream(sample_rate, hop=hop)
        blocks: list[Audio] = []
        plain = stream.feed

        def feed(block: Audio) -> PitchFrames:
            blocks.append(block)
            before = [one.numpy()[0] for one in blocks[:-1]]
            stream.samples = np.concatenate([np.zeros(0, np.float32), *before])[stream.dropped :]
            return plain(block)

        stream.feed = feed  # type: ignore[method-assign]
        return stream


class StreamsUnsure(StreamingTracker):
    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        return TrackerStream(Unsure(50, 1100), sample_rate, hop, self.latency)


class Unsure(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return evolve(found, confidence=np.zeros_like(found.confidence))
