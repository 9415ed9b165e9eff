"""Noise that depends on a seed and on the position in the song, not on how it is cut."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LATENT_STREAM, SOURCE_STREAM = 0, 1
"""Numbers of the two noises of a song."""
_BLOCK = 1 << 12
_OFFSET = 1 << 40  # positions before the song are negative


def noise_at(seed: int, stream: int, start: int, stop: int, width: int = 1) -> NDArray[np.float32]:
    """Return standard normal noise of the positions from ``start`` to ``stop``.

    Returns
    -------
    NDArray[np.float32]
        ``(width, stop - start)``. Each block of positions is drawn from a generator of its own
        (Philox of Salmon et al., SC 2011, keyed by seed, stream and block).
    """
    first, last = start // _BLOCK, -(-stop // _BLOCK)
    if stop <= start:
        return np.zeros((width, 0), np.float32)
    blocks = [_block(seed, stream, block, width) for block in range(first, last)]
    return np.concatenate(blocks, axis=1)[:, start - first * _BLOCK : stop - first * _BLOCK]


def _block(seed: int, stream: int, block: int, width: int) -> NDArray[np.float32]:
    counter = [0, 0, 0, block + _OFFSET]
    bits = np.random.Philox(key=[seed, stream], counter=counter)
    return np.random.Generator(bits).standard_normal((width, _BLOCK), np.float32)
