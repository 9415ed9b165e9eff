"""The short-time Fourier transform and back, by plain array operations.

Frames are four hops long under a sine window on both ways, so that their squares add up to two
at every sample and transform and inverse change nothing. Frame ``i`` is centred at sample
``(i - 1) * hop``; what lies outside the signal is silence. A frame depends on no sample beyond
two hops from its centre, and a stretch that begins at a multiple of the hop has the same frames
as the whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from array_api_compat import device

HOPS_PER_FRAME = 4
"""Hops in a frame."""


class STFT:
    """The transform and its inverse for one hop.

    Parameters
    ----------
    xp
        The array library.
    hop
        Samples from frame to frame.

    Attributes
    ----------
    size, bins
        Samples of a frame, and bins of its spectrum.
    """

    def __init__(self, xp: Any, hop: int) -> None:
        self._xp = xp
        self.hop = hop
        self.size = HOPS_PER_FRAME * hop
        self.bins = self.size // 2 + 1

    def frame_count(self, length: int) -> int:
        """Return the number of frames that overlap a signal of ``length`` samples."""
        return -(-length // self.hop) + 3

    def forward(self, samples: Any, start: int, stop: int) -> Any:
        """Return the spectra of frames ``start`` to ``stop``.

        Shape: ``(channels, length)`` float32 -> ``(channels, stop - start, bins)`` complex64.
        """
        xp, hop, count = self._xp, self.hop, stop - start
        channels, length = samples.shape
        first, last = (start - 3) * hop, stop * hop
        pieces = [samples[:, max(first, 0) : max(min(last, length), 0)]]
        if first < 0:
            pieces.insert(0, xp.zeros((channels, -first), dtype=xp.float32, device=device(samples)))
        if last > length:
            missing = last - max(length, first)
            pieces.append(xp.zeros((channels, missing), dtype=xp.float32, device=device(samples)))
        hops = xp.reshape(xp.concat(pieces, axis=1), (channels, count + 3, hop))
        frames = xp.concat([hops[:, i : i + count, :] for i in range(HOPS_PER_FRAME)], axis=2)
        return xp.fft.rfft(frames * self._window(samples))

    def inverse(self, spectra: Iterable[Any], length: int) -> Any:
        """Return the signal of consecutive blocks of spectra, which together are all frames.

        Shape: ``(channels, block, bins)`` complex64 each -> ``(channels, length)`` float32.
        """
        xp, hop = self._xp, self.hop
        pieces: list[Any] = []
        for block in spectra:
            frames = xp.fft.irfft(block, n=self.size)
            frames = frames * (0.5 * self._window(frames))
            channels, count, _ = frames.shape
            added = xp.zeros((channels, (count + 3) * hop), dtype=xp.float32, device=device(frames))
            for i in range(HOPS_PER_FRAME):
                part = xp.reshape(frames[:, :, i * hop : (i + 1) * hop], (channels, count * hop))
                added[:, i * hop : (i + count) * hop] += part
            if pieces:
                added[:, : 3 * hop] += pieces.pop()
            pieces += [added[:, : count * hop], added[:, count * hop :]]
        return xp.concat(pieces, axis=1)[:, 3 * hop : 3 * hop + length]

    def _window(self, like: Any) -> Any:
        sine = np.sin(np.pi * (np.arange(self.size) + 0.5) / self.size)
        return self._xp.asarray(sine.astype(np.float32), device=device(like))
