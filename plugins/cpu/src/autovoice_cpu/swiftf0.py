"""``cpu/swiftf0``: the SwiftF0 network (Nieradzik 2025), from the ``swift-f0`` package."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from math import gcd

import numpy as np
from numpy.typing import NDArray

from autovoice_core import Audio, PitchFrames
from autovoice_core.pitch.interpolation import interpolate
from autovoice_cpu.device import check_device_and_dtype
from autovoice_cpu.swiftf0_decoding import (
    Evidence,
    decode,
    evidence_alone,
    evidence_in_mixture,
)
from autovoice_cpu.swiftf0_frames import HOP, RATE
from autovoice_cpu.swiftf0_network import PosteriorNetwork, Posteriors
from autovoice_cpu.swiftf0_stream import SwiftF0Stream

MAX_THREADS = 4
"""Threads of the network at most."""


class SwiftF0Tracker:
    """A :class:`~autovoice_core.protocols.BatchPitchEstimator`; frames of 16 ms, interpolated.

    It is a :class:`~autovoice_core.protocols.MixturePitchEstimator` too.
    """

    # The level is that of 1.25 s to either side, the network looks 0.18 s further, and a best path
    # forgets where it began within a few frames.
    context = 2.0

    def __init__(self, fmin: float, fmax: float) -> None:
        self._threads = min(MAX_THREADS, os.cpu_count() or 1)
        self._network = PosteriorNetwork(self._threads)
        self._fmin, self._fmax = fmin, fmax

    def grid(self, sample_rate: int) -> int:
        """Return the least number of samples that is a whole number of the network's frames."""
        return sample_rate * HOP // gcd(sample_rate * HOP, RATE)

    def memory(self, frames: int, channels: int, sample_rate: int) -> float:
        """Return the bytes that a window takes; the network's runtime keeps them for the next."""
        del channels
        return 12e6 + 6.8e6 * frames / sample_rate

    def stream(self, sample_rate: int, *, hop: float) -> SwiftF0Stream:
        """Return a tracker fed block by block, a frame every ``hop`` seconds."""
        return SwiftF0Stream(self._network, self._fmin, self._fmax, sample_rate, hop)

    def estimate_batch(
        self, audios: Sequence[Audio], centres: Sequence[NDArray[np.int64]]
    ) -> list[PitchFrames]:
        """Return what :meth:`estimate` returns for each, as many at a time as there are cores.

        The network takes one clip at a time, and is one of few layers that do not gain from more
        than one core.
        """
        with ThreadPoolExecutor(min(self._threads, len(audios))) as pool:
            return list(pool.map(self.estimate, audios, centres))

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        """Return f0, voicing and confidence at ``centres``, sample positions in ``audio``."""
        return self._track(evidence_alone(self._posteriors(audio)), audio.sample_rate, centres)

    def estimate_in_mixture(
        self, vocals: Audio, mixture: Audio, centres: NDArray[np.int64]
    ) -> PitchFrames:
        """Return what :meth:`estimate` does, of vocals separated from ``mixture``."""
        evidence = evidence_in_mixture(self._posteriors(vocals), self._posteriors(mixture))
        return self._track(evidence, vocals.sample_rate, centres)

    def _posteriors(self, audio: Audio) -> Posteriors:
        samples = audio.resample(RATE).numpy()[0]
        # Two hops more, so that there is a frame on either side of the last sample.
        return self._network.posteriors(np.concatenate([samples, np.zeros(2 * HOP, np.float32)]))

    def _track(
        self, evidence: Evidence, sample_rate: int, centres: NDArray[np.int64]
    ) -> PitchFrames:
        f0, confidence = decode(evidence, self._fmin, self._fmax)
        positions = centres.astype(np.float64) * (RATE / (sample_rate * HOP))
        return interpolate(f0, confidence, positions, evidence.continues)


def open_swiftf0(
    *, device: str, dtype: str, fmin: float = 40.0, fmax: float = 2000.0
) -> SwiftF0Tracker:
    """Return the tracker.

    Parameters
    ----------
    device, dtype
        Where and in which precision to run; the network runs in float32 on the CPU only.
    fmin, fmax
        Range to look in, Hz; the network covers 47 to 2093 Hz.
    """
    check_device_and_dtype("swiftf0", device, dtype)
    return SwiftF0Tracker(fmin, fmax)


def probe_swiftf0(device: str) -> None:
    """Track a tone of 220 Hz."""
    time = np.arange(8000) / 16000
    tone = sum(np.cos(2 * np.pi * 220 * k * time) / k for k in range(1, 9))
    audio = Audio(0.2 * np.asarray(tone, np.float32)[None], 16000)
    frames = open_swiftf0(device=device, dtype="float32").estimate(audio, np.array([4000]))
    if abs(np.asarray(frames.f0)[0] - 220) > 5:
        raise RuntimeError("the network misses a tone of 220 Hz; reinstall swift-f0")
