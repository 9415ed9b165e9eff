"""Polarity of a source's channels, which a voice synthesised anew takes from them.

Where a channel is in antiphase to the others, as the whole of it or as an effect, so is its new
voice; otherwise the two would add up where their source cancelled.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace
from numpy.typing import NDArray

from autovoice_core._downmix import channel_products, channel_signs, coherent
from autovoice_core.conversion.retrieval.frames import (
    FRAME_RATE,
    SMOOTH_50_MS,
    Track,
    cut_frames,
    hann,
    smoothed,
)

_REACH = 8  # frames on either side over which channels are compared
_DECAY = 0.8  # of what was measured, from frame to frame: a time constant of 45 ms


def channel_polarity(samples: Any, centres: NDArray[np.int64], sample_rate: int) -> Track:
    """Return 1, or -1 in antiphase, faded over 50 ms: ``(channels, frames)`` on the host.

    Shape: ``(channels, n)``, ``(frames,)`` sample positions, a frame apart.
    """
    channels, hop = samples.shape[0], sample_rate // FRAME_RATE
    if channels == 1:
        return np.ones((1, centres.size))
    frames = array_namespace(samples).permute_dims(
        cut_frames(samples, centres - hop // 2, hop), (1, 0, 2)
    )
    products = channel_products(frames).reshape(centres.size, -1)
    around = smoothed(products, hann(_REACH)).reshape(-1, channels, channels)
    plain = np.ones(channels)
    signs = [
        plain if same else channel_signs(frame)
        for frame, same in zip(around, coherent(list(around)), strict=True)
    ]
    polarity: Track = smoothed(np.stack(signs), SMOOTH_50_MS).T
    return polarity


class StreamPolarity:
    """The polarity of channels that come a few frames at a time, by what came before."""

    def __init__(self) -> None:
        self._products: Any = 0.0
        self._signs: Track | None = None

    def next(self, spectra: Any) -> Track:
        """Return the polarity of the next frames: ``(channels, frames, bins)`` -> without bins."""
        xp = array_namespace(spectra)
        parts = xp.concat([xp.real(spectra), xp.imag(spectra)], axis=2)
        signs = []
        for products in channel_products(xp.permute_dims(parts, (1, 0, 2))):
            self._products = _DECAY * self._products + products
            self._signs = channel_signs(self._products, self._signs)
            signs.append(self._signs)
        return np.stack(signs, axis=1)
