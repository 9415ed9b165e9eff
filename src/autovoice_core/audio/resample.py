"""Sample-rate conversion through soxr."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import soxr
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core._types import Audio, as_sample_rate
from autovoice_core.audio.mono import MonoMix
from autovoice_core.audio.source import BLOCK_FRAMES, Source


def resampled_length(frames: int, rate_in: int, rate_out: int) -> int:
    """Return ``round(frames * rate_out / rate_in)``, computed in integers (half rounds up)."""
    return (2 * frames * rate_out + rate_in) // (2 * rate_in)


def resample(audio: Audio, sample_rate: int) -> Audio:
    """Return ``audio`` at ``sample_rate``; its length is exactly :func:`resampled_length`.

    Shape: ``(channels, frames)`` -> ``(channels, resampled_length(frames, ...))``.
    """
    sample_rate = as_sample_rate(sample_rate)
    if sample_rate == audio.sample_rate:
        return audio
    samples = audio.numpy()
    length = resampled_length(samples.shape[1], audio.sample_rate, sample_rate)
    out = np.zeros((samples.shape[0], length), np.float32)
    if samples.shape[1]:
        converted = soxr.resample(samples.T, audio.sample_rate, sample_rate, quality="VHQ").T
        common = min(length, converted.shape[1])
        out[:, :common] = converted[:, :common]
    return Audio(out, sample_rate, audio.made_by)


def resampled(source: Source, sample_rate: int) -> Iterator[NDArray[np.float32]]:
    """Yield ``source`` at ``sample_rate``, ``(channels, frames)`` a block."""
    stream = soxr.ResampleStream(
        source.sample_rate, sample_rate, source.channels, "float32", quality="VHQ"
    )
    for block in source.blocks(BLOCK_FRAMES):
        yield stream.resample_chunk(as_numpy(block).T).T
    yield stream.resample_chunk(np.zeros((0, source.channels), np.float32), last=True).T


def resampled_mono(source: Source, sample_rate: int) -> Iterator[NDArray[np.float32]]:
    """Yield ``source`` mixed to one channel at ``sample_rate``, ``(frames,)`` a block."""
    for block in resampled(MonoMix(source), sample_rate):
        yield block[0]
