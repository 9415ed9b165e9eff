"""``cpu/swiftf0``: the SwiftF0 network (Nieradzik 2025), from the ``swift-f0`` package."""

from __future__ import annotations

import os
from math import gcd

import numpy as np
from numpy.typing import NDArray
from swift_f0 import FRAME_PERIOD, SAMPLE_RATE, SwiftF0

from autovoice_core import Audio, PitchFrames
from autovoice_cpu.place import check_place

RATE: int = SAMPLE_RATE
HOP: int = round(FRAME_PERIOD * RATE)
VOICED = 0.5
"""Confidence from which the network counts a frame as voiced."""
SAME_NOTE = 2 ** (3 / 12)
"""Neighbouring frames further apart than this are different notes: nothing lies between them."""
MOST_THREADS = 4


class SwiftPitch:
    """A :class:`~autovoice_core._types.PitchEstimator`: frames of 16 ms, read between them."""

    # The network looks 2815 samples of 16 kHz to either side; the resampler a little further.
    context = 0.25

    def __init__(self, fmin: float, fmax: float) -> None:
        threads = min(MOST_THREADS, os.cpu_count() or 1)
        self._network = SwiftF0(threads=threads, spin=False)
        self._fmin, self._fmax = fmin, fmax

    def grid(self, sample_rate: int) -> int:
        """Return the samples after which a frame of the network falls on a sample again."""
        return sample_rate * HOP // gcd(sample_rate * HOP, RATE)

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        """Return f0, voicing and confidence at ``centres``, sample positions in ``audio``."""
        samples = audio.resample(RATE).numpy()[0]
        # Two hops more, so that there is a frame on either side of the last sample.
        padded = np.concatenate([samples, np.zeros(2 * HOP, np.float32)])
        result = self._network.detect(padded, RATE, self._fmin, self._fmax)
        return between(
            result.pitch_hz,
            result.confidence,
            centres.astype(np.float64) * (RATE / (audio.sample_rate * HOP)),
        )


def between(
    f0: NDArray[np.float64], confidence: NDArray[np.float64], at: NDArray[np.float64]
) -> PitchFrames:
    """Read a track at fractional frames ``at``, never mixing voiced with unvoiced.

    Confidence is interpolated, and decides voicing; f0 is interpolated, over log frequency,
    only between two voiced frames of one note, and else taken from the nearer voiced one.
    """
    left = np.minimum(at.astype(np.int64), len(f0) - 2)
    part = np.minimum(at - left, 1.0)
    c0, c1 = confidence[left], confidence[left + 1]
    f_left, f_right = f0[left], f0[left + 1]
    sure = (1 - part) * c0 + part * c1
    both = (c0 >= VOICED) & (c1 >= VOICED)
    near = np.maximum(f_left, f_right) <= SAME_NOTE * np.minimum(f_left, f_right)
    glide = np.exp((1 - part) * np.log(f_left) + part * np.log(f_right))
    take_left = np.where(both, part < 0.5, c0 >= c1)
    value = np.where(both & near, glide, np.where(take_left, f_left, f_right))
    voiced = sure >= VOICED
    return PitchFrames(
        np.where(voiced, value, 0.0), voiced, np.clip(sure, 0.0, 1.0).astype(np.float32)
    )


def open_swiftf0(
    *, device: str, dtype: str, fmin: float = 50.0, fmax: float = 1100.0
) -> SwiftPitch:
    """Return the tracker.

    Parameters
    ----------
    device, dtype
        Where and in which precision to run; the network knows float32 on the CPU only.
    fmin, fmax
        Range to look in, Hz; the network itself knows 47 to 2093 Hz.
    """
    check_place("swiftf0", device, dtype)
    return SwiftPitch(fmin, fmax)


def probe_swiftf0(device: str) -> None:
    """Track a tone of 220 Hz."""
    time = np.arange(8000) / 16000
    tone = sum(np.cos(2 * np.pi * 220 * k * time) / k for k in range(1, 9))
    audio = Audio(0.2 * np.asarray(tone, np.float32)[None], 16000)
    frames = open_swiftf0(device=device, dtype="float32").estimate(audio, np.array([4000]))
    if abs(np.asarray(frames.f0)[0] - 220) > 5:
        raise RuntimeError("the network misses a tone of 220 Hz; reinstall swift-f0")
