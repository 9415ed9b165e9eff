"""Spectral envelopes free of the harmonics that carried them.

CheapTrick: M. Morise, "CheapTrick, a spectral envelope estimator for high-quality speech
synthesis", Speech Communication 67 (2015).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device

from autovoice_core.conversion.retrieval.frames import beside, indices, sampled

FLOOR = 1e-13
"""Power a Hz below which nothing is measured: -130 dB of full scale."""

_Q1 = -0.15


def fft_size(sample_rate: int) -> int:
    """Return the power of two that holds 3 periods of a low voice (71 Hz)."""
    return 1 << math.ceil(math.log2(0.042 * sample_rate))


def lowest_f0(sample_rate: int) -> float:
    """Return the f0 (Hz) of which 3 periods just fit the transform."""
    return 3.0 * sample_rate / fft_size(sample_rate)


def frames_at(samples: Any, starts: Any, size: int) -> Any:
    """Cut frames out of ``(channels, n)``, zeros outside: ``(channels, frames, size)``."""
    xp = array_namespace(samples)
    channels, count = samples.shape
    before = max(0, -int(np.min(starts)))
    after = max(0, int(np.max(starts)) + size - count)
    on = device(samples)
    padded = xp.concat(
        [
            xp.zeros((channels, before), dtype=samples.dtype, device=on),
            samples,
            xp.zeros((channels, after), dtype=samples.dtype, device=on),
        ],
        axis=1,
    )
    begin = indices(samples, np.asarray(starts, np.int64) + before)
    index = begin[:, None] + xp.arange(size, dtype=xp.int64, device=on)[None, :]
    flat = xp.take(padded, xp.reshape(index, (-1,)), axis=1)
    return xp.reshape(flat, (channels, index.shape[0], size))


def pitch_synchronous_power(samples: Any, centres: Any, f0: Any, sample_rate: int) -> Any:
    """Return power spectra under Hann windows of 3 periods.

    Parameters
    ----------
    samples
        ``(channels, n)``.
    centres
        ``(frames,)`` host sample positions.
    f0
        ``(frames,)`` beside ``samples``, Hz, at least :func:`lowest_f0`.

    Returns
    -------
    Array
        ``(frames, bins)`` power a Hz, one-sided, mean of the channels.
    """
    xp = array_namespace(samples)
    size = fft_size(sample_rate)
    frames = frames_at(samples, np.asarray(centres) - size // 2, size)
    offset = beside(samples, (np.arange(size) - size // 2) / sample_rate)
    place = offset[None, :] * (f0[:, None] / 3.0)
    window = xp.where(xp.abs(place) < 0.5, 0.5 + 0.5 * xp.cos(2.0 * math.pi * place), 0.0 * place)
    window = window / xp.sqrt(xp.sum(window * window, axis=1, keepdims=True))
    frames = frames * window
    constant = xp.sum(frames, axis=2, keepdims=True) / xp.sum(window, axis=1)[None, :, None]
    spectrum = xp.fft.rfft(frames - constant * window, axis=2)
    power = xp.real(spectrum) ** 2 + xp.imag(spectrum) ** 2
    return xp.mean(xp.astype(power, xp.float64), axis=0) * (2.0 / sample_rate)


def envelope(power: Any, f0: Any, sample_rate: int) -> Any:
    """Return the envelope of pitch-synchronous power spectra.

    Parameters
    ----------
    power
        ``(frames, bins)`` of :func:`pitch_synchronous_power`.
    f0
        ``(frames,)`` Hz.

    Returns
    -------
    Array
        ``(frames, bins)`` natural logarithm of power a Hz.
    """
    xp = array_namespace(power)
    bins = power.shape[1]
    width = sample_rate / (2.0 * (bins - 1))
    f0 = xp.astype(f0, xp.float64)[:, None]
    bin_number = beside(power, np.arange(bins))[None, :]

    # Below f0 there is no harmonic to stand on: fold what lies under it, as in a mirror at f0/2.
    mirrored = sampled(power, f0 / width - bin_number)
    power = power + xp.where(bin_number * width < f0, mirrored, 0.0 * mirrored)

    # A box of 2/3 f0, by differences of the integral; the spectrum is even at both ends.
    half = f0 / (3.0 * width)
    reach = int(float(xp.max(half))) + 2
    left = xp.flip(power[:, 1 : reach + 1], axis=1)
    right = xp.flip(power[:, -reach - 1 : -1], axis=1)
    integral = xp.cumulative_sum(
        xp.concat([left, power, right], axis=1), axis=1, include_initial=True
    )
    middle = bin_number + (reach + 0.5)
    smooth = sampled(integral, middle + half) - sampled(integral, middle - half)
    logarithm = xp.log(xp.clip(smooth / (2.0 * half), 0.0, None) + FLOOR)

    # Liftering takes out the ripple that is left and undoes the box's blur.
    size = 2 * (bins - 1)
    index = np.arange(size)
    quefrency = beside(power, np.minimum(index, size - index) / sample_rate)[None, :]
    turns = math.pi * f0 * quefrency
    ripple = xp.where(turns > 0, xp.sin(turns) / xp.where(turns > 0, turns, 1.0), 1.0)
    lifter = ripple * (1.0 - 2.0 * _Q1 + 2.0 * _Q1 * xp.cos(2.0 * turns))
    cepstrum = xp.fft.irfft(logarithm + 0j, n=size, axis=1)
    return xp.real(xp.fft.rfft(cepstrum * lifter, axis=1))
