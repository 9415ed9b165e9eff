"""Trackers that keep every promise, streams included."""

from __future__ import annotations

from math import ceil

import numpy as np
from autovoice_acf.tracker import Tracker, open_tracker
from numpy.typing import NDArray

from autovoice_core import Audio, PitchFrames
from autovoice_core._frames import frame_centres
from autovoice_core.testing.loopback import Loopback

Centres = NDArray[np.int64]


class StreamingTracker(Tracker):
    """The example's tracker with a stream that waits for its lookahead."""

    latency = 0.1

    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        """Return a tracker that is fed block by block."""
        return TrackerStream(self, sample_rate, hop, self.latency)


class TrackerStream:
    """Tracks windows as wide as the tracker's context."""

    def __init__(self, tracker: Tracker, sample_rate: int, hop: float, latency: float) -> None:
        self.tracker, self.rate, self.hop, self.latency = tracker, sample_rate, hop, latency
        self.wait = latency
        self.samples = np.zeros(0, np.float32)
        self.dropped = self.given = 0

    def feed(self, block: Audio) -> PitchFrames:
        """Take in a block."""
        self.samples = np.concatenate([self.samples, block.numpy()[0]])
        return self._give(self.fed - ceil(self.wait * self.rate))

    def flush(self) -> PitchFrames:
        """Return the rest."""
        return self._give(self.fed)

    @property
    def fed(self) -> int:
        """Samples taken in."""
        return self.dropped + len(self.samples)

    def _give(self, last: int) -> PitchFrames:
        centres = frame_centres(max(last, 0), self.rate, self.hop)[self.given :]
        if last < 0 or not len(centres):
            nothing = np.zeros(0)
            return PitchFrames(nothing, nothing > 0, nothing.astype(np.float32))
        self.given += len(centres)
        context = ceil(self.tracker.context * self.rate)
        grid = self.tracker.grid(self.rate)
        start = max(0, int(centres[0]) - context) // grid * grid
        stop = int(centres[-1]) + context - self.dropped
        window = self.samples[None, start - self.dropped : stop]
        # The next positions lie later, and so does all that their results depend on.
        self.samples, self.dropped = self.samples[start - self.dropped :], start
        return self.tracker.estimate(Audio(window, self.rate), centres - start)


def open_streaming(
    *, device: str, dtype: str, fmin: float = 50, fmax: float = 1100
) -> StreamingTracker:
    """Return the tracker that streams."""
    open_tracker(device=device, dtype=dtype)
    return StreamingTracker(fmin, fmax)


class EverySecond(Tracker):
    """Says of every second position only what is sung there, and knows that this is no tier."""

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        f0 = np.where(np.arange(len(centres)) % 2, found.f0, 0.0)
        return PitchFrames(f0, f0 > 0, found.confidence)


def open_unrated(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> EverySecond:
    """Return the tracker that reaches no tier."""
    open_tracker(device=device, dtype=dtype)
    return EverySecond(fmin, fmax)


def open_looped(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Loopback:
    """Return the tracker, with arrays that have only DLPack."""
    return Loopback(open_tracker(device=device, dtype=dtype, fmin=fmin, fmax=fmax))
