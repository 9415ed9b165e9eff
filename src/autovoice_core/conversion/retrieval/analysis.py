"""Analysis of a voice, frame by frame, into envelope and aperiodicity."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._threads import map_in_order
from autovoice_core.conversion.retrieval.aperiodicity import (
    band_aperiodicity,
    smooth_aperiodicity,
)
from autovoice_core.conversion.retrieval.envelope import (
    envelope,
    envelope_fft_size,
    lowest_f0,
    pitch_synchronous_power,
)
from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_core.conversion.retrieval.frames import (
    FRAME_RATE,
    SMOOTH_30_MS,
    Track,
    asarray_like,
    cut_frames,
    dilate,
    interpolated,
    sample_positions,
    smoothed,
)
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES

UNVOICED_F0 = 300.0
"""Hz; windows of 10 ms where there is no period to follow."""

VOICED_MARGIN = 3
"""Frames around voiced ones that are analysed and converted as voiced, to be faded over."""

_MAX_BATCH_SAMPLES = 1 << 17  # under all windows of a batch: what a cache holds
_MAX_DEVICE_BATCH_SAMPLES = 1 << 19  # of all channels together


@frozen(eq=False)
class VoiceFrames:
    """Envelope and aperiodicity of consecutive frames.

    Attributes
    ----------
    envelope
        ``(frames, POINTS)`` natural logarithm of power per Hz.
    aperiodicity
        ``(frames, BANDS)``, or ``(frames, POINTS)`` of what is to be sung: the share of noise in
        the power, 0 to 1.
    """

    envelope: Any
    aperiodicity: Any


@frozen(eq=False)
class AnalysedWindow:
    """A window of a song, and its frames.

    Attributes
    ----------
    samples, start, sample_rate
        ``(channels, n)``, the position of the first one in the song, Hz.
    numbers
        ``(frames,)`` consecutive numbers of the frames in the song.
    voiced_share, active
        ``(frames,)`` on the host: how much of each frame is voiced sound, faded where voicing
        begins and ends; and where it is converted as such.
    frames
        Envelope and aperiodicity.
    """

    samples: Any
    start: int
    sample_rate: int
    numbers: NDArray[np.int64]
    voiced_share: Track
    active: NDArray[np.bool_]
    frames: VoiceFrames

    @property
    def centres(self) -> NDArray[np.int64]:
        """Sample positions of the frames in the window."""
        return sample_positions(self.numbers, self.sample_rate) - self.start


def analyse_window(samples: Any, start: int, source: F0Contour, sample_rate: int) -> AnalysedWindow:
    """Analyse the window of a song whose first sample lies at ``start``."""
    first = start * FRAME_RATE // sample_rate
    numbers = first + np.arange(samples.shape[1] * FRAME_RATE // sample_rate + 2)
    f0, voiced = source.at(numbers / FRAME_RATE)
    active, share = dilate(voiced, VOICED_MARGIN), voiced_share(voiced)
    centres = sample_positions(numbers, sample_rate) - start
    frames = analyse(samples, centres, f0, active, sample_rate)
    return AnalysedWindow(samples, start, sample_rate, numbers, share, active, frames)


def voiced_share(voiced: NDArray[np.bool_]) -> Track:
    """Return the share of voiced sound in each frame, faded where voicing begins and ends."""
    share: Track = smoothed(voiced[:, None] * 1.0, SMOOTH_30_MS)[:, 0]
    return share


def analyse(
    samples: Any,
    centres: NDArray[np.int64],
    f0: Track,
    voiced: NDArray[np.bool_],
    sample_rate: int,
) -> VoiceFrames:
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
    most = _MAX_BATCH_SAMPLES
    if not isinstance(samples, np.ndarray):
        most = _MAX_DEVICE_BATCH_SAMPLES // samples.shape[0]
    batch = max(16, most // int(0.042 * sample_rate))
    size = envelope_fft_size(sample_rate)

    def analyse_part(part: slice) -> tuple[Any, Any]:
        pitch = asarray_like(samples, followed[part])
        frames = cut_frames(samples, centres[part] - size // 2, size)
        power = pitch_synchronous_power(frames, pitch, sample_rate)
        smooth = envelope(power, pitch, sample_rate)
        on_axis = interpolated(smooth, FREQUENCIES * (2.0 * (power.shape[1] - 1) / sample_rate))
        bands = band_aperiodicity(power * xp.exp(-smooth), pitch, sample_rate)
        return xp.astype(on_axis, samples.dtype), bands

    parts = [slice(begin, begin + batch) for begin in range(0, len(centres), batch)]
    envelopes, bands = zip(*map_in_order(analyse_part, parts), strict=True)
    aperiodicity = smooth_aperiodicity(xp.concat(bands, axis=0))
    return VoiceFrames(xp.concat(envelopes, axis=0), xp.astype(aperiodicity, samples.dtype))
