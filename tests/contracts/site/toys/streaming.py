"""Trackers whose streams break a promise: in their blocks, at their end, or after a while."""

from __future__ import annotations

import numpy as np
from attrs import evolve
from autovoice_acf.tracker import Tracker

from autovoice_core import Audio, PitchFrames
from toys.honest import Streaming, TrackerStream
from toys.liars import Centres
from toys.subtle import masked


class StreamsHop(Streaming):
    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        return super().stream(sample_rate, hop=0.01)


class Tires(Streaming):
    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        stream = super().stream(sample_rate, hop=hop)
        plain = stream.feed

        def feed(block: Audio) -> PitchFrames:
            return masked(plain(block), len(stream.samples) < 10 * sample_rate)

        stream.feed = feed  # type: ignore[method-assign]
        return stream


class EndsEarly(Streaming):
    """Says nothing of sounds that are shorter than its latency."""

    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        stream = super().stream(sample_rate, hop=hop)
        plain = stream.flush

        def flush() -> PitchFrames:
            found = plain()
            many = len(found.f0) if len(stream.samples) > 0.1 * sample_rate else 0
            return PitchFrames(found.f0[:many], found.voiced[:many], found.confidence[:many])

        stream.flush = flush  # type: ignore[method-assign]
        return stream


class KeepsBlocks(Streaming):
    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        stream = super().stream(sample_rate, hop=hop)
        blocks: list[Audio] = []
        plain = stream.feed

        def feed(block: Audio) -> PitchFrames:
            blocks.append(block)
            before = [one.numpy()[0] for one in blocks[:-1]]
            stream.samples = np.concatenate([np.zeros(0, np.float32), *before])
            return plain(block)

        stream.feed = feed  # type: ignore[method-assign]
        return stream


class StreamsUnsure(Streaming):
    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        return TrackerStream(Unsure(50, 1100), sample_rate, hop, self.latency)


class Unsure(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return evolve(found, confidence=np.zeros_like(found.confidence))
