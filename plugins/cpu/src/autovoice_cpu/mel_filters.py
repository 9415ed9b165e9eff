"""Mel filters of Slaney's Auditory Toolbox (1998), which networks were trained with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MAX_LINEAR_HZ, HZ_PER_MEL = 1000.0, 200.0 / 3
MELS_PER_OCTAVE = 27 / np.log2(6.4)


def mel_filters(rate: int, fft: int, mels: int) -> NDArray[np.float64]:
    """Return triangles of equal area from 0 Hz to half the rate, ``(mels, 1 + fft // 2)``.

    The scale is linear up to 1 kHz and logarithmic above.
    """
    knee = MAX_LINEAR_HZ / HZ_PER_MEL
    highest = knee + MELS_PER_OCTAVE * np.log2(rate / 2 / MAX_LINEAR_HZ)
    mel = np.linspace(0, highest, mels + 2)
    above = MAX_LINEAR_HZ * 2 ** ((mel - knee) / MELS_PER_OCTAVE)
    edges = np.where(mel < knee, mel * HZ_PER_MEL, above)
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bins = np.fft.rfftfreq(fft, 1 / rate)
    rising, falling = (bins - low) / (centre - low), (high - bins) / (high - centre)
    filters: NDArray[np.float64] = np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low)
    return filters
