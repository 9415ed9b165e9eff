"""A voice from nothing but f0, envelope and aperiodicity: harmonics and shaped noise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.aperiodicity import BANDS, CENTRES
from autovoice_core.conversion.retrieval.f0 import FRAME_RATE
from autovoice_core.conversion.retrieval.filtering import FrameGrid
from autovoice_core.conversion.retrieval.frames import beside, interpolated, sampled
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES, TOP, positions

_PHASE_BINS = 1024
_MASK = 0xFFFFFFFF


def on_axis(aperiodicity: Any) -> Any:
    """Interpolate ``(frames, BANDS)`` to ``(frames, POINTS)``."""
    xp = array_namespace(aperiodicity)
    decibels = xp.log(xp.clip(aperiodicity, 1e-6, 1.0))
    return xp.exp(interpolated(decibels, np.interp(FREQUENCIES, CENTRES, np.arange(BANDS))))


def minimum_phase(log_power: Any, sample_rate: int) -> Any:
    """Return the phase (rad) of the causal filter with this log power.

    Shape: ``(frames, POINTS)`` -> ``(frames, _PHASE_BINS + 1)``, 0 Hz to the Nyquist frequency.
    """
    xp = array_namespace(log_power)
    bins = np.arange(_PHASE_BINS + 1) * (sample_rate / (2.0 * _PHASE_BINS))
    size = 2 * _PHASE_BINS
    spectrum = interpolated(0.5 * log_power, positions(bins))
    cepstrum = xp.fft.irfft(spectrum + 0j, n=size, axis=1)
    fold = np.zeros(size)
    fold[1:_PHASE_BINS] = 2.0
    return xp.imag(xp.fft.rfft(cepstrum * beside(cepstrum, fold), axis=1))


def harmonics(
    log_power: Any, phase: Any, f0: NDArray[np.float64], sample_rate: int
) -> tuple[Any, Any]:
    """Return complex amplitudes of the harmonics of ``f0`` under an envelope.

    A harmonic carries the power that the envelope has within one f0 of it. Over the last kHz
    below the highest frequency that can be sung, harmonics fade out.

    Shape: ``(frames, POINTS)``, ``(1, _PHASE_BINS + 1)`` of :func:`minimum_phase`, ``(frames,)``
    Hz on the host -> twice ``(frames, harmonics)``.
    """
    xp = array_namespace(log_power)
    top = min(0.49 * sample_rate, TOP)
    count = max(1, int(top / float(np.min(f0))))
    frequency = f0[:, None] * np.arange(1, count + 1)
    fade = np.clip((top - frequency) / min(1000.0, 0.1 * top), 0.0, 1.0)
    level = xp.exp(0.5 * sampled(log_power, beside(log_power, positions(frequency))))
    level = level * beside(log_power, np.sqrt(2.0 * f0)[:, None] * fade)
    phases = xp.broadcast_to(phase, (f0.size, phase.shape[1]))
    angle = sampled(phases, beside(phases, frequency * (2.0 * _PHASE_BINS / sample_rate)))
    return level * xp.cos(angle), level * xp.sin(angle)


def sing(
    log_power: Any,
    aperiodicity: Any,
    typical: Any,
    f0: NDArray[np.float64],
    phase: Any,
    start: int,
    grid: FrameGrid,
    seed: int = 0,
) -> Any:
    """Return a voice, ``(1, grid.length)``.

    Parameters
    ----------
    log_power, aperiodicity
        ``(frames, POINTS)`` on ``grid``.
    typical
        ``(1, POINTS)`` log power, an envelope of the voice. Its minimum phase is that of every
        frame: a phase that moved with the envelope would put the harmonics out of tune.
    f0
        ``(frames,)`` Hz, on the host.
    phase
        ``(grid.length,)`` float64, the integral of f0 in cycles.
    start, seed
        Position in the song of the first sample, and a number, which choose the noise.
    """
    xp = array_namespace(log_power)
    rate = grid.sample_rate
    periodic = log_power + xp.log(1.0 - xp.clip(aperiodicity, 0.0, 0.9999))
    amplitudes = harmonics(periodic, minimum_phase(typical, rate), f0, rate)
    real, imaginary = (xp.astype(part, xp.float32) for part in amplitudes)
    tone = grid.kernels.oscillators(phase, real, imaginary, rate / FRAME_RATE)
    # Noise of variance 1 has a power of 2 / rate a Hz.
    noisy = log_power + xp.log(aperiodicity) + math.log(rate / 2.0)
    noise = white_noise(log_power, start, grid.length, seed)[None, :]
    return tone[None, :] + grid.signals(grid.spectra(noise) * grid.gains(noisy)[None, ...])


def white_noise(like: Any, start: int, count: int, seed: int = 0) -> Any:
    """Return noise of variance 1 that depends on position in the song and seed alone: ``(count,)``.

    Every position is hashed (the ``lowbias32`` finaliser of C. Wellons), mixed with the hash of
    the seed, which is 0 for 0.
    """
    xp = array_namespace(like)
    places = xp.arange(start + 1, start + count + 1, dtype=xp.int64, device=device(like))
    places = xp.bitwise_and(places, _MASK + 0 * places)
    value = _hashed(xp.bitwise_xor(places, int(_hashed(np.asarray([seed]))[0]) + 0 * places))
    return xp.astype((xp.astype(value, xp.float64) / 2.0**32 - 0.5) * math.sqrt(12.0), like.dtype)


def _hashed(value: Any) -> Any:
    """Return a hash of 32 bits of every number."""
    xp = array_namespace(value)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        value = xp.bitwise_xor(value, xp.bitwise_right_shift(value, shift + 0 * value))
        value = xp.bitwise_and(value * factor, _MASK + 0 * value)
    return xp.bitwise_xor(value, xp.bitwise_right_shift(value, 16 + 0 * value))
