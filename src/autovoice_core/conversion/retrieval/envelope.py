"""Spectral envelopes, free of the harmonics that sample them.

CheapTrick: M. Morise, "CheapTrick, a spectral envelope estimator for high-quality speech
synthesis", Speech Communication 67 (2015).
"""

from __future__ import annotations

import math
from typing import Any

from array_api_compat import array_namespace, device

from autovoice_core.conversion.retrieval.frames import interpolated_per_row

MIN_POWER = 1e-13
"""Power per Hz below which nothing is measured: -130 dB of full scale."""

_Q1 = -0.15


def envelope_fft_size(sample_rate: int) -> int:
    """Return the power of two that holds 3 periods of a low voice (71 Hz)."""
    return 1 << math.ceil(math.log2(0.042 * sample_rate))


def lowest_f0(sample_rate: int) -> float:
    """Return the f0 (Hz) of which 3 periods just fit the transform."""
    return 3.0 * sample_rate / envelope_fft_size(sample_rate)


def pitch_synchronous_power(frames: Any, f0: Any, sample_rate: int) -> Any:
    """Return power spectra under Hann windows of 3 periods.

    Parameters
    ----------
    frames
        ``(channels, frames, envelope_fft_size)`` samples around the frames' centres.
    f0
        ``(frames,)`` Hz, on their device, at least :func:`lowest_f0`.

    Returns
    -------
    Array
        ``(frames, bins)`` power per Hz, one-sided, mean of the channels.
    """
    xp, size = array_namespace(frames), frames.shape[2]
    index = xp.arange(size, dtype=xp.float64, device=device(frames))
    seconds = xp.astype((index - size // 2) / sample_rate, frames.dtype)
    turns = seconds[None, :] * (f0[:, None] / 3.0)
    window = xp.where(xp.abs(turns) < 0.5, 0.5 + 0.5 * xp.cos(2.0 * math.pi * turns), 0.0 * turns)
    window = window / xp.sqrt(xp.sum(window * window, axis=1, keepdims=True))
    frames = frames * window
    constant = xp.sum(frames, axis=2, keepdims=True) / xp.sum(window, axis=1)[None, :, None]
    spectrum = xp.fft.rfft(frames - constant * window, axis=2)
    power = xp.real(spectrum) ** 2 + xp.imag(spectrum) ** 2
    return xp.mean(xp.astype(power, xp.float64), axis=0) * (2.0 / sample_rate)


def envelope(power: Any, f0: Any, sample_rate: int) -> Any:
    """Return the envelopes of pitch-synchronous power spectra.

    Parameters
    ----------
    power
        ``(frames, bins)`` of :func:`pitch_synchronous_power`.
    f0
        ``(frames,)`` Hz.

    Returns
    -------
    Array
        ``(frames, bins)`` natural logarithm of power per Hz.
    """
    xp = array_namespace(power)
    bins = power.shape[1]
    width = sample_rate / (2.0 * (bins - 1))
    f0 = xp.astype(f0, xp.float64)[:, None]
    bin_number = xp.arange(bins, dtype=power.dtype, device=device(power))[None, :]

    # Below f0 there is no harmonic: mirror at f0 / 2 what lies above.
    mirrored = interpolated_per_row(power, f0 / width - bin_number)
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
    upper, lower = (interpolated_per_row(integral, middle + side) for side in (half, -half))
    smooth = xp.log(xp.clip((upper - lower) / (2.0 * half), 0.0, None) + MIN_POWER)

    # Liftering removes the remaining ripple and undoes the box's blur.
    size = 2 * (bins - 1)
    index = xp.arange(size, dtype=power.dtype, device=device(power))
    quefrency = xp.minimum(index, size - index) / sample_rate
    turns = math.pi * f0 * quefrency[None, :]
    ripple = xp.where(turns > 0, xp.sin(turns) / xp.where(turns > 0, turns, 1.0), 1.0)
    lifter = ripple * (1.0 - 2.0 * _Q1 + 2.0 * _Q1 * xp.cos(2.0 * turns))
    cepstrum = xp.fft.irfft(smooth + 0j, n=size, axis=1)
    return xp.real(xp.fft.rfft(cepstrum * lifter, axis=1))
