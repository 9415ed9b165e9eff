"""Loudness and balance of the source, given to what the network sings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FRAME_RATE = 100
REACH = 0.1
"""Seconds around a moment on which its gain depends."""
MAX_GAIN = 10 ** (30 / 20)
_FRAMES = 4  # to either side, over which power is averaged


def follow_loudness(
    voice: NDArray[np.float32],
    source: NDArray[np.float32],
    sample_rate: int,
    start: int,
    own_share: float,
) -> NDArray[np.float32]:
    """Return ``voice`` in all channels of ``source``, as loud as it is there.

    Parameters
    ----------
    voice
        ``(n,)``.
    source
        ``(channels, n)``.
    sample_rate, start
        Hz, and position of the first sample in the song.
    own_share
        Share of the voice's own changes of loudness, 0 to 1; channels keep their balance.

    Returns
    -------
    NDArray[np.float32]
        ``(channels, n)``.
    """
    count = len(voice)
    first = start * FRAME_RATE // sample_rate
    last = -(-(start + count) * FRAME_RATE // sample_rate)
    places = np.arange(first, last + 1) * sample_rate / FRAME_RATE - start
    # In integers, so that a window rounds as the whole does.
    edges = np.arange(first - 1, last + 2) * sample_rate + FRAME_RATE // 2
    edges = np.clip(edges // FRAME_RATE - start, 0, count)
    powers = np.stack([_power(channel, edges) for channel in (*source, voice)])
    heard, own = powers[:-1], powers[-1]
    mean = heard.mean(axis=0)
    balance = np.sqrt(np.divide(heard, mean, out=np.zeros_like(heard), where=mean > 0))
    level = np.sqrt(np.divide(mean, own, out=np.zeros_like(own), where=own > 0))
    gain = balance * np.minimum(level ** (1 - own_share), MAX_GAIN) * (mean > 0)
    at = np.arange(count)
    return np.stack([np.interp(at, places, each) * voice for each in gain]).astype(np.float32)


def _power(samples: NDArray[np.float32], edges: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the power around all edges but the outer ones, under a Hann window of 0.1 s."""
    total = np.concatenate([np.zeros(1), np.cumsum(np.square(samples, dtype=np.float64))])
    energy = np.maximum(total[edges[2:]] - total[edges[:-2]], 0.0)
    window = np.hanning(2 * _FRAMES + 3)[1:-1]
    return np.convolve(energy, window / window.sum())[_FRAMES : _FRAMES + len(energy)]
