"""Pitch by autocorrelation of 60 ms, divided by that of the window (Boersma 1993)."""

from math import gcd

import numpy as np
from numpy.typing import NDArray

from autovoice_core import Audio, InputError, PitchFrames

RATE, FRAME, SIZE, FINE = 16_000, 960, 2048, 4
WINDOW = np.hanning(FRAME)


def correlate(frames: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return autocorrelations at lags of 1/FINE sample."""
    power = np.abs(np.fft.rfft(frames, SIZE)) ** 2
    return np.fft.irfft(power, FINE * SIZE)[:, : FINE * FRAME // 2]


class Tracker:
    """Finds the lag at which the sound repeats."""

    context = 0.1  # seconds around a position that its result depends on

    def __init__(self, fmin: float, fmax: float) -> None:
        self.shortest, self.longest = (round(FINE * RATE / f) for f in (fmax, fmin))

    def grid(self, sample_rate: int) -> int:
        """Return the number of samples after which both rates coincide."""
        return sample_rate // gcd(sample_rate, RATE)

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        """Return f0, voicing and confidence at ``centres``."""
        samples = np.pad(audio.resample(RATE).numpy()[0].astype(np.float64), FINE * FRAME)
        positions = np.rint(centres * (RATE / audio.sample_rate)).astype(int)
        starts = positions + FINE * FRAME - FRAME // 2
        f0, confidence = np.zeros(len(centres)), np.zeros(len(centres), np.float32)
        shape = correlate(WINDOW[None])[0]
        for i, start in enumerate(starts):
            frame = samples[start : start + FRAME]
            r = correlate(((frame - frame.mean()) * WINDOW)[None])[0]
            if r[0] > 1e-6:
                r = r / r[0] * (shape[0] / shape)
                peaks = np.flatnonzero((r[1:-1] > r[:-2]) & (r[1:-1] >= r[2:])) + 1
                peaks = peaks[(peaks >= self.shortest) & (peaks <= self.longest)]
                if len(peaks):
                    # Of peaks that are nearly as high, the first one is the period.
                    lag = peaks[np.argmax(r[peaks] - 0.01 * np.log2(peaks))]
                    confidence[i] = np.clip(r[lag], 0, 1)
                    f0[i] = FINE * RATE / lag if r[lag] > 0.5 else 0
        return PitchFrames(f0, f0 > 0, confidence)


def open_tracker(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Tracker:
    """Return the tracker; what the offer does not claim is refused."""
    if (device, dtype) != ("cpu", "float32"):
        raise InputError(f"the tracker runs on cpu in float32, not on {device} in {dtype}")
    return Tracker(fmin, fmax)


def probe(device: str) -> None:
    """Track a tone of 200 Hz."""
    tone = np.sin(2 * np.pi * 200 * np.arange(3200) / RATE, dtype=np.float32)
    found = open_tracker(device=device, dtype="float32").estimate(
        Audio(tone[np.newaxis], RATE), np.array([1600])
    )
    if not 198 < found.f0[0] < 202:
        raise RuntimeError(f"a tone of 200 Hz was tracked as {found.f0[0]:.0f} Hz")
