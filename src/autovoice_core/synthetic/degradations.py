"""Degradations of recordings: noise, reverberation, a narrow band."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from autovoice_core._errors import InputError
from autovoice_core._types import Audio

Floats = NDArray[np.float64]


def add_noise(
    audio: Audio, snr: float, *, color: Literal["white", "pink"] = "pink", seed: int = 0
) -> Audio:
    """Add noise ``snr`` dB under the sound's RMS level.

    Parameters
    ----------
    audio
        The clean sound; not written to.
    snr
        Signal-to-noise ratio, dB.
    color
        ``"white"``, or ``"pink"`` (3 dB an octave less, from 20 Hz up).
    seed
        The same seed gives the same noise.
    """
    if color not in ("white", "pink"):
        raise InputError(f"color: {color!r} is neither 'white' nor 'pink'")
    samples = audio.numpy().astype(np.float64)
    if not samples.any():
        return audio
    noise = np.random.default_rng([seed, 4]).standard_normal(samples.shape)
    if color == "pink":
        spectrum = np.fft.rfft(noise)
        frequency = np.fft.rfftfreq(samples.shape[1], 1 / audio.sample_rate)
        noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(frequency, 20.0)), n=samples.shape[1])
    noise *= np.sqrt(np.mean(samples**2) / np.mean(noise**2)) * 10 ** (-snr / 20)
    return Audio((samples + noise).astype(np.float32), audio.sample_rate)


def add_reverb(audio: Audio, seconds: float = 0.6, *, ratio: float = 10.0, seed: int = 0) -> Audio:
    """Add a room's reverberation; the length stays.

    Parameters
    ----------
    audio
        The clean sound; not written to.
    seconds
        Time in which the reverberation falls by 60 dB.
    ratio
        Direct to reverberant energy, dB.
    seed
        The same seed gives the same room.
    """
    time = np.arange(round(seconds * audio.sample_rate)) / audio.sample_rate
    rng = np.random.default_rng([seed, 5])
    tail = rng.standard_normal((audio.channels, len(time))) * 10 ** (-3 * time / seconds)
    tail[:, time < 0.004] = 0.0
    tail *= 10 ** (-ratio / 20) / np.sqrt(np.sum(tail**2, axis=1, keepdims=True))
    samples = audio.numpy().astype(np.float64)
    size = samples.shape[1] + len(time)
    wet = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(tail, size), size)
    return Audio((samples + wet[:, : samples.shape[1]]).astype(np.float32), audio.sample_rate)


def limit_band(audio: Audio, low: float, high: float) -> Audio:
    """Return what lies between ``low`` and ``high`` Hz, as a telephone would; no delay."""
    samples = audio.numpy().astype(np.float64)
    frequency = np.fft.rfftfreq(samples.shape[1], 1 / audio.sample_rate)
    octaves = np.log2(np.maximum(frequency, 1.0))
    rise = np.clip(1.0 + (octaves - np.log2(low)) * 4, 0.0, 1.0)
    fall = np.clip(1.0 - (octaves - np.log2(high)) * 4, 0.0, 1.0)
    kept = np.fft.irfft(np.fft.rfft(samples) * rise * fall, n=samples.shape[1])
    return Audio(kept.astype(np.float32), audio.sample_rate)
