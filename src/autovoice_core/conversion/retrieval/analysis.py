"""A voice taken apart into envelope and aperiodicity, frame by frame."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.aperiodicity import noise_share, steady
from autovoice_core.conversion.retrieval.envelope import (
    envelope,
    lowest_f0,
    pitch_synchronous_power,
)
from autovoice_core.conversion.retrieval.frames import beside, interpolated
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES

UNVOICED_F0 = 300.0
"""Hz; windows of 10 ms where there is no period to follow."""

_BATCH = 1 << 19  # samples under all windows of a batch: what a cache holds


@frozen(eq=False)
class Frames:
    """Envelope and aperiodicity of consecutive frames.

    Attributes
    ----------
    envelope
        ``(frames, POINTS)`` natural logarithm of power a Hz.
    aperiodicity
        ``(frames, BANDS)`` share of noise in the power, 0 to 1.
    """

    envelope: Any
    aperiodicity: Any


def analyse(
    samples: Any,
    centres: NDArray[np.int64],
    f0: NDArray[np.float64],
    voiced: NDArray[np.bool_],
    sample_rate: int,
) -> Frames:
    """Analyse ``(channels, n)`` around ``centres``; channels count by their power.

    Parameters
    ----------
    samples
        ``(channels, n)`` float32.
    centres, f0, voiced
        ``(frames,)`` on the host: sample positions, Hz, and where f0 is to be followed.
    """
    xp = array_namespace(samples)
    followed = np.clip(np.where(voiced, f0, UNVOICED_F0), lowest_f0(sample_rate), sample_rate / 8)
    size = int(0.042 * sample_rate * samples.shape[0])
    batch = max(16, _BATCH // size)
    envelopes, shares = [], []
    for start in range(0, len(centres), batch):
        part = slice(start, start + batch)
        pitch = beside(samples, followed[part])
        power = pitch_synchronous_power(samples, centres[part], pitch, sample_rate)
        smooth = envelope(power, pitch, sample_rate)
        on_axis = interpolated(smooth, FREQUENCIES * (2.0 * (power.shape[1] - 1) / sample_rate))
        envelopes.append(xp.astype(on_axis, samples.dtype))
        shares.append(noise_share(power * xp.exp(-smooth), pitch, sample_rate))
    share = steady(xp.concat(shares, axis=0))
    return Frames(xp.concat(envelopes, axis=0), xp.astype(share, samples.dtype))
