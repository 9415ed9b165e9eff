"""Sample-rate conversion, through soxr."""

from __future__ import annotations

import numpy as np
import soxr

from autovoice_core._types import Audio


def resampled_length(frames: int, rate_in: int, rate_out: int) -> int:
    """Return ``round(frames * rate_out / rate_in)``, computed in integers (half rounds up)."""
    return (2 * frames * rate_out + rate_in) // (2 * rate_in)


def resample(audio: Audio, sample_rate: int) -> Audio:
    """Return ``audio`` at ``sample_rate``; its length is exactly :func:`resampled_length`.

    Shape: ``(channels, frames)`` -> ``(channels, resampled_length(frames, ...))``.
    """
    if sample_rate == audio.sample_rate:
        return audio
    samples = audio.numpy()
    length = resampled_length(samples.shape[1], audio.sample_rate, sample_rate)
    out = np.zeros((samples.shape[0], length), np.float32)
    if samples.shape[1]:
        converted = soxr.resample(samples.T, audio.sample_rate, sample_rate, quality="VHQ").T
        kept = min(length, converted.shape[1])
        out[:, :kept] = converted[:, :kept]
    return Audio(out, sample_rate, audio.made_by)
