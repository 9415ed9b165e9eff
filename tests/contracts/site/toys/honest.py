"""Backends that keep every promise, streams included."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from autovoice_acf.tracker import Tracker, open_tracker
from numpy.typing import NDArray

from autovoice_core import Audio, InputError, PitchFrames, Stems
from autovoice_core._frames import frame_centres
from autovoice_core.testing.loopback import Loopback

HALF = 0.02
"""Seconds that the equaliser looks to either side."""
BANDS = (0, 100, 150, 200, 350, 470, 640, 3400, 4800, 6800, 96000)
PART = (0.0, 0.1, 0.4, 0.45, 0.6, 0.94, 0.96, 0.92, 0.3, 0.05, 0.0)
"""How much of each frequency in Hz is voice, in most songs."""


class Streaming(Tracker):
    """The example's tracker, which can wait for what it looks ahead."""

    latency = 0.1

    def stream(self, sample_rate: int, *, hop: float) -> TrackerStream:
        """Return a tracker that is fed block by block."""
        return TrackerStream(self, sample_rate, hop, self.latency)


class TrackerStream:
    """Tracks windows that reach as far as the tracker looks."""

    def __init__(self, tracker: Tracker, sample_rate: int, hop: float, latency: float) -> None:
        self.tracker, self.rate, self.hop, self.latency = tracker, sample_rate, hop, latency
        self.wait = latency
        self.samples = np.zeros(0, np.float32)
        self.given = 0

    def feed(self, block: Audio) -> PitchFrames:
        """Take in a block."""
        self.samples = np.concatenate([self.samples, block.numpy()[0]])
        return self._give(len(self.samples) - ceil(self.wait * self.rate))

    def flush(self) -> PitchFrames:
        """Return the rest."""
        return self._give(len(self.samples))

    def _give(self, last: int) -> PitchFrames:
        centres = frame_centres(max(last, 0), self.rate, self.hop)[self.given :]
        if last < 0 or not len(centres):
            nothing = np.zeros(0)
            return PitchFrames(nothing, nothing > 0, nothing.astype(np.float32))
        self.given += len(centres)
        context = ceil(self.tracker.context * self.rate)
        grid = self.tracker.grid(self.rate)
        start = max(0, int(centres[0]) - context) // grid * grid
        stop = int(centres[-1]) + context
        return self.tracker.estimate(
            Audio(self.samples[None, start:stop], self.rate), centres - start
        )


class Equaliser:
    """Takes for the voice what lies where voices are: one filter for every song."""

    context = 2 * HALF

    def grid(self, sample_rate: int) -> int:
        """Return 1: it may begin anywhere."""
        return 1

    def taps(self, sample_rate: int) -> NDArray[np.float64]:
        """Return a symmetric filter."""
        half = round(HALF * sample_rate)
        gain = np.interp(np.fft.rfftfreq(8 * half, 1 / sample_rate), BANDS, PART)
        whole = np.roll(np.fft.irfft(gain, 8 * half), half)[: 2 * half + 1]
        return np.asarray(whole * np.hanning(2 * half + 1))

    def filtered(self, samples: NDArray[Any], sample_rate: int) -> Stems:
        """Return stems of the middle of ``samples``, without the filter's reach at the ends."""
        taps = self.taps(sample_rate)
        half, size = len(taps) // 2, samples.shape[1] + len(taps)
        spectrum = np.fft.rfft(samples.astype(np.float64), size) * np.fft.rfft(taps, size)
        voice = np.fft.irfft(spectrum, size)[:, 2 * half : samples.shape[1]].astype(np.float32)
        middle = samples[:, half : samples.shape[1] - half]
        # What is silent stays so, whatever the transform rounds to.
        voice[:, :] *= np.any(middle, axis=1, keepdims=True) if middle.size else 1
        return Stems(Audio(voice, sample_rate), Audio(middle - voice, sample_rate))

    def separate(self, mixture: Audio) -> Stems:
        """Return the stems."""
        half = round(HALF * mixture.sample_rate)
        return self.filtered(np.pad(mixture.numpy(), ((0, 0), (half, half))), mixture.sample_rate)

    def stream(self, sample_rate: int) -> EqualiserStream:
        """Return an equaliser that is fed block by block."""
        return EqualiserStream(self, sample_rate)


class EqualiserStream:
    """Keeps as much of the past as the filter reaches."""

    latency = HALF

    def __init__(self, equaliser: Equaliser, sample_rate: int) -> None:
        self.equaliser, self.rate = equaliser, sample_rate
        self.half = round(HALF * sample_rate)
        self.kept: NDArray[np.float32] | None = None

    def feed(self, block: Audio) -> Stems:
        """Take in a block."""
        samples = block.numpy()
        if self.kept is None:
            self.kept = np.zeros((len(samples), self.half), np.float32)
        whole = np.concatenate([self.kept, samples], axis=1)
        if whole.shape[1] <= 2 * self.half:
            self.kept = whole
            nothing = Audio(whole[:, :0], self.rate)
            return Stems(nothing, nothing)
        self.kept = whole[:, -2 * self.half :]
        return self.equaliser.filtered(whole, self.rate)

    def flush(self) -> Stems:
        """Return the rest."""
        kept = np.zeros((1, self.half), np.float32) if self.kept is None else self.kept
        end = np.zeros((len(kept), self.half), np.float32)
        return self.feed(Audio(end, self.rate))


def open_streaming(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Streaming:
    """Return the tracker that streams."""
    open_tracker(device=device, dtype=dtype)
    return Streaming(fmin, fmax)


def open_looped(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Loopback:
    """Return the tracker, of whose arrays only DLPack can be had."""
    return Loopback(open_tracker(device=device, dtype=dtype, fmin=fmin, fmax=fmax))


def open_equaliser(*, device: str, dtype: str) -> Equaliser:
    """Return the equaliser."""
    if (device, dtype) != ("cpu", "float32"):
        raise InputError(f"the equaliser runs on cpu in float32, not on {device} in {dtype}")
    return Equaliser()


def open_looped_equaliser(*, device: str, dtype: str) -> Loopback:
    """Return the equaliser, of whose arrays only DLPack can be had."""
    return Loopback(open_equaliser(device=device, dtype=dtype))
