"""Limits of how far converted sound may exceed its source, in bands of the spectrum.

A frame of the target may be far brighter than the source is at that moment: at onsets, in soft
frames, and where the loudness to be followed lies in one strong harmonic. What a song hasn't got
in a band at a moment would be heard as a burst.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.frames import Track

EXCESS_BANDS = 2000.0 * 2.0 ** (np.arange(11) / 3.0)
"""Hz; centres of the bands, a third of an octave apart. There is no limit below them."""

MAX_EXCESS_DB = np.interp(EXCESS_BANDS, (2000.0, 4000.0), (20.0, 10.0))
"""dB by which sound may exceed the source in each band."""

SOURCE_REACH = 3
"""Frames on either side over which the source's power in a band is averaged."""

_SMALL = 1e-20


def excess_bands(frequencies: Track) -> Track:
    """Return the weights of frequencies (Hz) in each band: triangles, ``(n, bands)``.

    Above the lowest centre, the weights of a frequency add up to 1.
    """
    position = 3.0 * np.log2(np.maximum(frequencies, 1.0) / EXCESS_BANDS[0])
    position = np.minimum(position, len(EXCESS_BANDS) - 1.0)
    distance = np.abs(position[..., None] - np.arange(len(EXCESS_BANDS)))
    weights: Track = np.maximum(0.0, 1.0 - distance)
    return weights


def excess_gains(source: NDArray[np.floating], sound: NDArray[np.floating]) -> Track:
    """Return the gains that keep a sound within the limits: at most 1, ``(frames, bands)``.

    Parameters
    ----------
    source, sound
        ``(frames, bands)`` power of the two.
    """
    limit = source * 10.0 ** (MAX_EXCESS_DB / 10.0)
    gains: Track = np.minimum(1.0, np.sqrt((limit + _SMALL) / (sound + _SMALL)))
    return gains
