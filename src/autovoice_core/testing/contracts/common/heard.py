"""Comparison of two sounds as they are heard, whatever the phases of their partials.

Of a sound that repeats, a voice may be synthesised with phases that do not. A listener does not
hear these, but does hear another level, time, pitch or timbre.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core.testing.contracts.common.measures import (
    Floats,
    envelope_lag,
    level_difference,
    mel_bands,
    sdr,
)

MAX_LEVEL_DB = 1.0
MAX_LAG = 0.005
"""Seconds."""
MIN_SPECTROGRAM_SDR_DB = 10.0
"""Of magnitudes: 20 cents or 20 ms leave 5 to 9 dB, other units of the same voice 14 dB."""
MAX_BANDS_DB = 4.0
"""Mean difference of mel bands, of which a voice that has lost all above 2 kHz has 6 dB."""
FLOOR_DB = -40.0
"""Level under the loudest band below which bands are not compared."""
_WINDOW, _HOP = 0.064, 0.01


def heard_difference(one: NDArray[Any], other: NDArray[Any], sample_rate: int) -> str | None:
    """Return how ``other``, ``(channels, frames)``, sounds unlike ``one``, or None."""
    level = level_difference(one, other)
    if abs(level) > MAX_LEVEL_DB:
        return f"its level differs by {level:+.1f} dB"
    late = envelope_lag(one[0], other[0], sample_rate)
    if abs(late) > MAX_LAG:
        return f"it is {1000 * late:.0f} ms late"
    before, after = _magnitudes(one, sample_rate), _magnitudes(other, sample_rate)
    ratio = sdr(before, after)
    if ratio < MIN_SPECTROGRAM_SDR_DB:
        return f"the SDR of the two spectrograms is only {ratio:.0f} dB"
    change = _band_difference(before, after, sample_rate)
    return f"its spectrum differs by {change:.1f} dB" if change > MAX_BANDS_DB else None


def _magnitudes(samples: NDArray[Any], sample_rate: int) -> Floats:
    """Return magnitude spectra, ``(channels, frames, frequencies)``."""
    size, hop = round(_WINDOW * sample_rate), round(_HOP * sample_rate)
    padded = np.pad(samples.astype(np.float64), ((0, 0), (size // 2, size // 2)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size, axis=1)[:, ::hop]
    return np.asarray(np.abs(np.fft.rfft(frames * np.hanning(size))))


def _band_difference(one: Floats, other: Floats, sample_rate: int) -> float:
    """Return the mean difference of mel bands where either is heard, dB."""
    bands = mel_bands(np.linspace(0, sample_rate / 2, one.shape[2]))
    powers = np.stack([one**2 @ bands, other**2 @ bands])
    floor = float(powers.max()) * 10 ** (FLOOR_DB / 10) + 1e-20
    heard = (powers > floor).any(axis=0)
    levels = 10 * np.log10(np.maximum(powers, floor / 10))
    return float(np.abs(levels[0] - levels[1])[heard].mean()) if heard.any() else 0.0
