"""The melody of a stream: its pitch is tracked as sound comes, and its phase never starts anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autovoice_core import Audio, PitchFrames, PitchTrack, SingingPitchExtractor
from autovoice_core.conversion.retrieval.f0 import FALLBACK_F0, F0Contour
from autovoice_rvc.architecture import FRAMES_PER_SECOND

LATENCY = 0.05
"""Seconds after a frame by which its pitch is known."""
HOP = 1 / FRAMES_PER_SECOND


class StreamPitch:
    """Tracks f0 by the best backend that is quick enough; see :class:`SingingPitchExtractor`.

    Where nothing is sung, the last f0 is held, so that nothing that comes later changes the phase.

    Parameters
    ----------
    sample_rate
        Of the blocks, Hz.
    key
        Semitones by which the melody is moved.
    """

    def __init__(self, sample_rate: int, key: float) -> None:
        self._stream = SingingPitchExtractor(hop=HOP).stream(sample_rate, max_latency=LATENCY)
        self._key, self._ratio = key, 2 ** (key / 12)
        self._first = 0  # frame that the arrays begin with
        self._f0, self._voiced = np.zeros(0), np.zeros(0, bool)
        self._cycles = 0.0  # at that frame

    def feed(self, block: Audio) -> None:
        """Take in a block of one channel."""
        self._add(self._stream.feed(block))

    def flush(self) -> None:
        """Take in the end of the stream."""
        self._add(self._stream.flush())

    def contour(self, first: int, stop: int) -> F0Contour:
        """Return the melody of frames ``first`` to ``stop``; what came before is forgotten.

        ``first`` never decreases.
        """
        self._forget(max(first, 0))
        known = max(stop - self._first, 0)
        f0, voiced = self._f0[:known], self._voiced[:known]
        if not len(f0):
            f0, voiced = np.full(1, FALLBACK_F0), np.zeros(1, bool)
        every = np.ones(len(f0), bool)
        track = PitchTrack(f0, every, every.astype(np.float32), HOP, start=self._first * HOP)
        contour = F0Contour(track, self._key)
        contour.voiced = voiced
        contour.cycles = contour.cycles + self._cycles
        return contour

    def _add(self, found: PitchFrames) -> None:
        f0, voiced = np.asarray(found.f0, np.float64), np.asarray(found.voiced, bool)
        held = self._f0[-1] if len(self._f0) else FALLBACK_F0
        filled = np.empty(len(f0))
        for place, (value, sung) in enumerate(zip(f0, voiced, strict=True)):
            held = filled[place] = value if sung and value > 0 else held
        self._f0 = np.concatenate([self._f0, filled])
        self._voiced = np.concatenate([self._voiced, voiced])

    def _forget(self, first: int) -> None:
        # The last frame stays, for what is held after it.
        drop = min(first - self._first, len(self._f0) - 1)
        if drop > 0:
            passed: NDArray[np.float64] = self._f0[: drop + 1]
            steps = 0.5 * (passed[1:] + passed[:-1]) * HOP * self._ratio
            self._cycles = (self._cycles + float(steps.sum())) % 1.0
            self._f0, self._voiced = self._f0[drop:], self._voiced[drop:]
            self._first += drop
