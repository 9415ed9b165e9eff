"""Synthesis of a voice from f0, envelope and aperiodicity: harmonics and shaped noise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device

from autovoice_core.conversion.retrieval.analysis import VoiceFrames
from autovoice_core.conversion.retrieval.filtering import FrameGrid
from autovoice_core.conversion.retrieval.frames import (
    FRAME_RATE,
    Track,
    asarray_like,
    interpolated,
    interpolated_per_row,
)
from autovoice_core.conversion.retrieval.mel_axis import MAX_FREQUENCY, mel_positions

_PHASE_BINS = 1024
_MASK = 0xFFFFFFFF


def synthesise(
    target: VoiceFrames,
    phase_envelope: Any,
    f0: Track,
    phase: Any,
    start: int,
    grid: FrameGrid,
    seed: int = 0,
) -> Any:
    """Return a voice, ``(1, grid.length)``.

    Parameters
    ----------
    target
        Envelope and aperiodicity on ``grid``, both on the mel axis.
    phase_envelope
        ``(1, POINTS)`` log power, a typical envelope of the voice. Its minimum phase is that of
        every frame: a phase that moved with the envelope would put the harmonics out of tune.
    f0
        ``(frames,)`` Hz, on the host.
    phase
        ``(grid.length,)`` float64, the integral of f0 in cycles.
    start, seed
        Position in the song of the first sample, and a number, which determine the noise.
    """
    xp, rate = array_namespace(target.envelope), grid.sample_rate
    periodic, noisy = periodic_and_noise(target, rate)
    amplitudes = harmonics(periodic, minimum_phase(phase_envelope, rate), f0, rate)
    real, imaginary = (xp.astype(part, xp.float32) for part in amplitudes)
    tone = grid.kernels.oscillators(phase, real, imaginary, rate / FRAME_RATE)
    noise = white_noise(target.envelope, start, grid.length, seed)[None, :]
    return tone[None, :] + grid.signals(grid.spectra(noise) * grid.gains(noisy)[None, ...])


def periodic_and_noise(target: VoiceFrames, sample_rate: int) -> tuple[Any, Any]:
    """Return the log powers of a voice's harmonics, and of the filter of its white noise."""
    xp = array_namespace(target.envelope)
    periodic = target.envelope + xp.log(1.0 - xp.clip(target.aperiodicity, 0.0, 0.9999))
    # Noise of variance 1 has a power of 2 / rate per Hz.
    noise = target.envelope + xp.log(target.aperiodicity) + math.log(sample_rate / 2.0)
    return periodic, noise


def minimum_phase(log_power: Any, sample_rate: int) -> Any:
    """Return the phase (rad) of the causal filter with this log power.

    Shape: ``(frames, POINTS)`` -> ``(frames, _PHASE_BINS + 1)``, 0 Hz to the Nyquist frequency.
    """
    xp = array_namespace(log_power)
    bins = np.arange(_PHASE_BINS + 1) * (sample_rate / (2.0 * _PHASE_BINS))
    size = 2 * _PHASE_BINS
    spectrum = interpolated(0.5 * log_power, mel_positions(bins))
    cepstrum = xp.fft.irfft(spectrum + 0j, n=size, axis=1)
    fold = np.zeros(size)
    fold[1:_PHASE_BINS] = 2.0
    return xp.imag(xp.fft.rfft(cepstrum * asarray_like(cepstrum, fold), axis=1))


def harmonics(log_power: Any, phase: Any, f0: Track, sample_rate: int) -> tuple[Any, Any]:
    """Return complex amplitudes of the harmonics of ``f0`` under an envelope.

    A harmonic carries the power that the envelope has within one f0 of it. Over the last kHz
    below the highest frequency that can be sung, harmonics fade out.

    Shape: ``(frames, POINTS)``, ``(1, _PHASE_BINS + 1)`` of :func:`minimum_phase`, ``(frames,)``
    Hz on the host -> twice ``(frames, harmonics)``.
    """
    xp = array_namespace(log_power)
    top = min(0.49 * sample_rate, MAX_FREQUENCY)
    count = max(1, int(top / float(np.min(f0))))
    frequency = f0[:, None] * np.arange(1, count + 1)
    fade = np.clip((top - frequency) / min(1000.0, 0.1 * top), 0.0, 1.0)
    positions = asarray_like(log_power, mel_positions(frequency))
    level = xp.exp(0.5 * interpolated_per_row(log_power, positions))
    level = level * asarray_like(log_power, np.sqrt(2.0 * f0)[:, None] * fade)
    phases = xp.broadcast_to(phase, (f0.size, phase.shape[1]))
    bins = asarray_like(phases, frequency * (2.0 * _PHASE_BINS / sample_rate))
    angle = interpolated_per_row(phases, bins)
    return level * xp.cos(angle), level * xp.sin(angle)


def white_noise(like: Any, start: int, count: int, seed: int = 0) -> Any:
    """Return ``(count,)`` noise of variance 1 that depends on position in the song and seed alone.

    Every position is hashed (the ``lowbias32`` finaliser of C. Wellons), combined with the hash of
    the seed, which is 0 for 0.
    """
    xp = array_namespace(like)
    places = xp.arange(start + 1, start + count + 1, dtype=xp.int64, device=device(like))
    places = xp.bitwise_and(places, _MASK + 0 * places)
    value = _hashed(xp.bitwise_xor(places, int(_hashed(np.asarray([seed]))[0]) + 0 * places))
    return xp.astype((xp.astype(value, xp.float64) / 2.0**32 - 0.5) * math.sqrt(12.0), like.dtype)


def _hashed(value: Any) -> Any:
    """Return a 32-bit hash of every number."""
    xp = array_namespace(value)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        value = xp.bitwise_xor(value, xp.bitwise_right_shift(value, shift + 0 * value))
        value = xp.bitwise_and(value * factor, _MASK + 0 * value)
    return xp.bitwise_xor(value, xp.bitwise_right_shift(value, 16 + 0 * value))
