"""SwiftF0Stream, the SwiftF0 network fed block by block, by the stream of its own package."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from swift_f0 import PitchResult, PitchStream, SwiftF0

from autovoice_core import Audio, InputError, PitchFrames
from autovoice_core._downmix import Downmix
from autovoice_core.pitch.interpolation import interpolate
from autovoice_cpu.swiftf0_frames import HOP, RATE

VOICING_THRESHOLD = 0.5
"""Confidence from which the network counts a frame as voiced."""
NETWORK_SECONDS = 12 * HOP / RATE
"""Seconds until a frame of the network and the next one are known (Nieradzik 2025: 11 frames)."""
RESAMPLER_SECONDS = 0.12
"""Seconds that soxr holds back at most, at any rate; measured from 8 to 192 kHz."""


class SwiftF0Stream:
    """A :class:`~autovoice_core.protocols.Stream` of frames every ``hop`` seconds.

    Frame ``i`` lies at ``i * hop`` seconds, at the nearest sample; there is one for each such
    sample from 0 to the number fed.

    Attributes
    ----------
    latency
        Seconds after its time by which a frame is returned.
    """

    def __init__(
        self, network: SwiftF0, fmin: float, fmax: float, sample_rate: int, hop: float | Fraction
    ) -> None:
        self._stream = PitchStream(network, fmin, fmax)
        self._sample_rate, self._downmix = sample_rate, Downmix(sample_rate)
        self._step = Fraction(hop).limit_denominator(1_000_000) * sample_rate
        if self._step < 1:
            raise InputError(
                f"hop: {float(hop)} s is shorter than a sample at {sample_rate} Hz; "
                f"use at least {1 / sample_rate:.2g} s"
            )
        self.latency = NETWORK_SECONDS + (RESAMPLER_SECONDS if sample_rate != RATE else 0.0)
        # The network's frames from `_first` on; those before are dropped.
        self._f0, self._confidence, self._first = np.zeros(0), np.zeros(0), 0
        self._fed = self._returned = 0

    def feed(self, block: Audio) -> PitchFrames:
        """Take in a block of any length and return the frames that are known by now."""
        self._fed += block.frames
        if block.frames:
            mono = self._downmix.feed(block.numpy())[0]
            self._take(self._stream.push(mono, self._sample_rate))
        return self._known_frames()

    def flush(self) -> PitchFrames:
        """Return the frames that are left; the stream is over."""
        # Three frames more, so that there is one on either side of the last sample.
        rest = np.zeros(-(-3 * HOP * self._sample_rate // RATE), np.float32)
        self._take(self._stream.push(rest, self._sample_rate))
        self._take(self._stream.flush())
        return self._known_frames()

    def _take(self, found: PitchResult) -> None:
        self._f0 = np.concatenate([self._f0, found.pitch_hz])
        self._confidence = np.concatenate([self._confidence, found.confidence])

    def _known_frames(self) -> PitchFrames:
        """Return the frames that lie between two known frames of the network."""
        known = self._first + len(self._f0) - 1
        scale = RATE / (self._sample_rate * HOP)
        positions: list[int] = []
        while (at := self._position(self._returned + len(positions))) <= self._fed:
            if at * scale >= known:
                break
            positions.append(at)
        if not positions:
            return PitchFrames(np.zeros(0), np.zeros(0, bool), np.zeros(0, np.float32))
        frames = interpolate(
            self._f0,
            self._confidence,
            np.array(positions) * scale - self._first,
            VOICING_THRESHOLD,
        )
        self._returned += len(positions)
        done = int(self._position(self._returned) * scale) - self._first
        done = min(done, len(self._f0) - 1)
        self._f0, self._confidence = self._f0[done:], self._confidence[done:]
        self._first += done
        return frames

    def _position(self, index: int) -> int:
        return int((2 * index * self._step + 1) // 2)
