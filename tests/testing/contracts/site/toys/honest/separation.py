"""A separator that keeps every promise, streams included: one filter for every song."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core import Audio, InputError, Stems
from autovoice_core.testing.loopback import Loopback

HALF_SECONDS = 0.02
"""Half the length of the filter."""
BANDS_HZ = (0, 100, 150, 200, 350, 470, 640, 3400, 4800, 6800, 96000)
VOICE_SHARE = (0.0, 0.1, 0.4, 0.45, 0.6, 0.94, 0.96, 0.92, 0.3, 0.05, 0.0)
"""Gain of the vocals at each frequency, right for most songs."""


class Equaliser:
    """Filters the bands of voices out of the mixture, with one filter for every song."""

    context = 2 * HALF_SECONDS

    def grid(self, sample_rate: int) -> int:
        """Return 1: windows may begin anywhere."""
        return 1

    def taps(self, sample_rate: int) -> NDArray[np.float64]:
        """Return a symmetric filter."""
        half = round(HALF_SECONDS * sample_rate)
        gain = np.interp(np.fft.rfftfreq(8 * half, 1 / sample_rate), BANDS_HZ, VOICE_SHARE)
        whole = np.roll(np.fft.irfft(gain, 8 * half), half)[: 2 * half + 1]
        return np.asarray(whole * np.hanning(2 * half + 1))

    def filtered(self, samples: NDArray[Any], sample_rate: int) -> Stems:
        """Return stems of the middle of ``samples``, without the filter's reach at the ends."""
        taps = self.taps(sample_rate)
        half, size = len(taps) // 2, samples.shape[1] + len(taps)
        spectrum = np.fft.rfft(samples.astype(np.float64), size) * np.fft.rfft(taps, size)
        voice = np.fft.irfft(spectrum, size)[:, 2 * half : samples.shape[1]].astype(np.float32)
        middle = samples[:, half : samples.shape[1] - half]
        # Silence stays silence, whatever the transform rounds to.
        voice[:, :] *= np.any(middle, axis=1, keepdims=True) if middle.size else 1
        return Stems(Audio(voice, sample_rate), Audio(middle - voice, sample_rate))

    def separate(self, mixture: Audio) -> Stems:
        """Return the stems."""
        half = round(HALF_SECONDS * mixture.sample_rate)
        return self.filtered(np.pad(mixture.numpy(), ((0, 0), (half, half))), mixture.sample_rate)

    def stream(self, sample_rate: int) -> EqualiserStream:
        """Return an equaliser that is fed block by block."""
        return EqualiserStream(self, sample_rate)


class EqualiserStream:
    """Keeps as much of the past as half the filter's length."""

    latency = HALF_SECONDS

    def __init__(self, equaliser: Equaliser, sample_rate: int) -> None:
        self.equaliser, self.rate = equaliser, sample_rate
        self.half = round(HALF_SECONDS * sample_rate)
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


def open_equaliser(*, device: str, dtype: str) -> Equaliser:
    """Return the equaliser."""
    if (device, dtype) != ("cpu", "float32"):
        raise InputError(f"the equaliser runs on cpu in float32, not on {device} in {dtype}")
    return Equaliser()


def open_looped_equaliser(*, device: str, dtype: str) -> Loopback:
    """Return the equaliser, with arrays that have only DLPack."""
    return Loopback(open_equaliser(device=device, dtype=dtype))
