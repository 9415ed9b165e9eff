"""Measures of results: SDR, level, delay, f0 error and timbre."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core._frames import frame_centres
from autovoice_core._types import Audio
from autovoice_core.synthetic import truth
from autovoice_core.testing.contracts.common.signals import SAMPLE_RATE

Floats = NDArray[np.float64]


def sdr(true: NDArray[Any], found: NDArray[Any]) -> float:
    """Return the signal-to-distortion ratio, dB."""
    wide = true.astype(np.float64)
    error = float(np.sum((wide - found) ** 2))
    return 10 * float(np.log10(max(float(np.sum(wide**2)), 1e-20) / max(error, 1e-20)))


def level_difference(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Return the level of ``other`` over that of ``one``, dB."""
    powers = (float(np.mean(samples**2, dtype=float)) + 1e-12 for samples in (other, one))
    return 10 * float(np.log10(next(powers) / next(powers)))


def band_power(samples: NDArray[Any], sample_rate: int, low: float, high: float) -> float:
    """Return the mean power between ``low`` and ``high`` Hz."""
    power = np.abs(np.fft.rfft(samples.astype(np.float64), axis=1)) ** 2
    frequency = np.fft.rfftfreq(samples.shape[1], 1 / sample_rate)
    within = (frequency >= low) & (frequency < high)
    return float(2 * power[:, within].sum() / samples.shape[1] / samples.size)


def track_delay(track: Callable[[Audio], Floats], hop: float, rate: int = SAMPLE_RATE) -> float:
    """Return the delay of ``track`` in seconds, measured on glides up and down."""
    slope = 1200.0
    time = np.arange(int(1.2 * rate)) / rate
    late = []
    for direction in (1, -1):
        cents = direction * slope * (time - 0.6)
        f0 = track(truth.tone(300.0 * 2 ** (cents / 1200), rate))
        at = frame_centres(len(time), rate, hop) / rate
        inner = (at > 0.2) & (at < 1.0) & (f0 > 0)
        true = direction * slope * (at - 0.6)
        error = 1200 * np.log2(np.maximum(f0, 1e-6) / 300.0) - true
        late.append(-direction * np.median(error[inner]) / slope if inner.any() else np.inf)
    return float(np.mean(late))


def f0_error(
    samples: NDArray[Any], f0: Floats, sample_rate: int, *, quantile: float = 0.5
) -> float:
    """Return a quantile of the error of a voice's f0 against ``f0``, in cents.

    Each of the lowest harmonics is demodulated by the phase that it should have; the frequency
    left over is its error. If the harmonics are not most of the sound, the error is infinite.
    """
    frames = min(len(samples), len(f0))
    wanted = np.maximum(f0[:frames], 1.0)
    highest = 4.5 * float(np.median(wanted[f0[:frames] > 0])) if (f0[:frames] > 0).any() else 0.0
    spectrum = np.fft.rfft(samples[:frames].astype(np.float64), 2 * frames)
    spectrum[np.fft.rfftfreq(2 * frames, 1 / sample_rate) > highest] = 0.0
    sound = np.fft.irfft(spectrum)[:frames]
    phase = 2 * np.pi * np.cumsum(wanted) / sample_rate
    step, window = sample_rate // 200, np.hanning(sample_rate // 25)
    window /= window.sum()
    span = np.flatnonzero(
        np.convolve(f0[:frames] > 0, np.ones(len(window)), "same") > len(window) - 1
    )
    span = span[(span >= len(window)) & (span < frames - len(window))]
    if not span.size:
        return float("inf")
    total, weight = np.zeros(len(span)), np.full(len(span), 1e-12)
    explained, odd = np.zeros((2, len(span)))
    for k in range(1, 13):
        demodulated = np.fft.fft(sound * np.exp(-1j * k * phase), 2 * frames)
        left = np.fft.ifft(demodulated * np.fft.fft(window, 2 * frames))
        left = left[len(window) // 2 :][:frames]
        strength = np.abs(left[span]) ** 2
        present = np.where(k * wanted[span] < highest, 2 * strength, 0.0)
        explained += present
        odd += k % 2 * present
        if k <= 4:
            turned = np.angle(left[span + step // 2] * np.conj(left[span - step // 2]))
            total += strength * turned * sample_rate / (2 * np.pi * step * k)
            weight += strength
    power = np.convolve(sound**2, window, "same")[span]
    cents = np.abs(1200 * np.log2(np.maximum(1 + total / weight / wanted[span], 1e-3)))
    # An octave too low, every other harmonic is missing; too high, half the sound is left over.
    harmonic, alternate = (float(np.mean(part / (power + 1e-12))) for part in (explained, odd))
    return (
        float(np.quantile(cents, quantile))
        if harmonic > 0.55 and alternate > 0.01
        else float("inf")
    )


def envelope_lag(one: NDArray[Any], other: NDArray[Any], sample_rate: int) -> float:
    """Return the lag of the amplitude envelope of ``other`` behind that of ``one``, seconds."""
    smooth = np.hanning(sample_rate // 100)
    a, b = (np.convolve(np.abs(x).astype(np.float64), smooth, "same") for x in (one, other))
    size = 2 * len(a)
    a, b = a - a.mean(), b - b.mean()
    across = np.fft.irfft(np.conj(np.fft.rfft(a, size)) * np.fft.rfft(b, size), size)
    lag = int(np.argmax(across))
    return (lag - size if lag > len(a) else lag) / sample_rate


def lag(one: NDArray[Any], other: NDArray[Any]) -> int:
    """Return the lag of ``other`` behind ``one`` in samples, by cross-correlation."""
    size = 2 * len(one)
    across = np.fft.irfft(np.conj(np.fft.rfft(one, size)) * np.fft.rfft(other, size), size)
    found = int(np.argmax(across))
    return found - size if found > len(one) else found


def timbre(samples: NDArray[Any]) -> Floats:
    """Return levels in dB of 24 mel bands every 10 ms, less their mean, ``(frames, 24)``."""
    size, hop = 1024, SAMPLE_RATE // 100
    padded = np.pad(samples.astype(np.float64), size // 2)
    count = len(samples) // hop
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop][:count]
    power = np.abs(np.fft.rfft(frames * np.hanning(size))) ** 2
    level = 10 * np.log10(power @ mel_bands(np.fft.rfftfreq(size, 1 / SAMPLE_RATE)) + 1e-9)
    return np.asarray(level - level.mean(axis=1, keepdims=True))


def mel_bands(frequencies: NDArray[Any]) -> Floats:
    """Return the weights of 24 mel bands of bins at ``frequencies`` in Hz, ``(bins, 24)``."""
    mel = 1127 * np.log1p(frequencies / 700)
    edges = np.linspace(mel[3], mel[-1], 26)
    weights = 1 - np.abs(mel[:, None] - edges[1:-1]) / (edges[1] - edges[0])
    return np.asarray(np.maximum(0, weights))
