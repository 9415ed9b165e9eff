"""REPET-SIM: what repeats is the accompaniment, what doesn't is the singer.

Each frame of the mixture is compared with the frames around it. The median of those most like it
is the background: what they have in common repeats, and the voice, which is elsewhere each time,
falls out (Rafii and Pardo, "Music/Voice Separation using the Similarity Matrix", ISMIR 2012).

Three things differ from the paper. Frames are compared within some seconds rather than in the
whole song, so that windows of a song give what the whole gives. The similarity is that of short
stretches rather than single frames, which the voice disturbs less. And the mask compares
smoothed energies, as a Wiener filter would, which costs the voice less.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import device

from autovoice_core._types import Audio, Stems
from autovoice_core.recipes.kernels import SeparationKernels
from autovoice_core.recipes.masking import BLOCK, magnitudes, masked
from autovoice_core.recipes.stft import OVERLAP, STFT

HOP = 1024 / 44_100
"""Seconds from frame to frame, at most; by rate it is up to a tenth less."""
REACH = 430
"""Frames to each side that are searched for similar ones; 10 s."""
STRETCH = 5
"""Frames to each side that are compared along."""
COUNT = 32
"""Similar frames that the background is the median of."""
SPACING = 21
"""Frames that these lie apart at least; half a second."""
SMOOTHING = 8
"""Frames that the mask is averaged over, twice."""

COMPARED = 4_000.0
"""Frames are compared up to this frequency, Hz."""
LOWEST, HIGHEST = 100.0, 20_000.0
"""The voice is looked for between these frequencies, Hz."""
BASS = 150.0
"""Below this frequency, Hz, the accompaniment is expected to be the stronger."""

SIMILAR = 1 << 20
"""The similarity of equal frames; a stretch's is the sum of its frames'. Similarities are rounded
before anything is decided by them."""
LEAST = SIMILAR * (2 * STRETCH + 1) // 10
"""Stretches less similar than this, a tenth, say nothing about each other; so does silence."""
OUTSIDE = -1
"""The similarity of a frame that is not there or says nothing."""


class RepetSim:
    """A :class:`~autovoice_core._types.Separator` on the array library of its kernels.

    Parameters
    ----------
    xp
        The array library.
    kernels
        What must be fast.
    """

    context = (REACH + STRETCH + 2 * SMOOTHING + 2 * OVERLAP) * HOP

    def __init__(self, xp: Any, kernels: SeparationKernels) -> None:
        self.xp, self.kernels = xp, kernels

    def grid(self, sample_rate: int) -> int:
        """Return the number of samples of whose multiples windows must begin."""
        return hop_at(sample_rate)

    def separate(self, mixture: Audio) -> Stems:
        """Return vocals, and the mixture without them."""
        xp, rate = self.xp, mixture.sample_rate
        samples = xp.asarray(mixture.samples)
        if samples.shape[1] == 0:
            return Stems(mixture, mixture)
        stft = STFT(xp, hop_at(rate))
        width = rate / stft.size
        bins = min(stft.bins, int(HIGHEST / width) + 1)
        magnitude = magnitudes(xp, stft, samples, bins)
        background = self._background(magnitude, min(bins, int(COMPARED / width) + 1))
        vocals = masked(xp, stft, samples, self._mask(magnitude, background, width))
        return Stems(Audio(vocals, rate), Audio(samples - vocals, rate))

    def _background(self, magnitude: Any, compared: int) -> Any:
        similarity = self._similarity(magnitude[:, :compared])
        similar = self.kernels.spaced_peaks(similarity, COUNT, SPACING)
        median = self.kernels.median_of_frames(magnitude, similar)
        return self.xp.minimum(median, magnitude)

    def _similarity(self, features: Any) -> Any:
        """Return how alike the stretches around each frame and around its neighbours are.

        Shape: ``(frames, bins)`` -> ``(frames, 2 * REACH + 1)`` int32; column ``j`` is the frame
        ``j - REACH`` later.
        """
        xp, where = self.xp, device(features)
        frames, bins = features.shape
        features = xp.astype(features, xp.float64)
        norm = xp.sqrt(xp.sum(features * features, axis=1, keepdims=True))
        unit = features / xp.where(norm > 0, norm, xp.ones_like(norm))
        edge = xp.zeros((REACH, bins), dtype=xp.float64, device=where)
        padded = xp.concat([edge, unit, edge])
        blocks = []
        for start in range(0, frames, BLOCK):
            count = min(BLOCK, frames - start)
            cosine = unit[start : start + count, :] @ padded[start : start + count + 2 * REACH, :].T
            blocks.append(xp.astype(xp.round(_band(xp, cosine) * SIMILAR), xp.int32))
        edge = xp.zeros((STRETCH, 2 * REACH + 1), dtype=xp.int32, device=where)
        wide = xp.concat([edge, *blocks, edge])
        # Frames that move together keep their distance, so a stretch runs down one column.
        total = wide[:frames, :]
        for i in range(1, 2 * STRETCH + 1):
            total = total + wide[i : i + frames, :]
        later = xp.arange(-REACH, REACH + 1, device=where)
        other = xp.arange(frames, device=where)[:, None] + later
        there = (other >= 0) & (other < frames) & (total >= LEAST)
        return xp.where(there | (later == 0), total, xp.full_like(total, OUTSIDE))

    def _mask(self, magnitude: Any, background: Any, width: float) -> Any:
        """Return the share of the voice, ``(frames, bins)``, 0 to 1, by Wiener's ratio."""
        xp = self.xp
        frequency = width * np.maximum(np.arange(magnitude.shape[1]), 0.5)
        bass = xp.asarray(
            np.sqrt(1 + (BASS / frequency) ** 4).astype(np.float32), device=device(magnitude)
        )
        voice = _smoothed(xp, _power(xp, magnitude - background))
        rest = _smoothed(xp, _power(xp, background * bass))
        total = voice + rest
        share = voice / xp.where(total > 0, total, xp.ones_like(total))
        share[:, : int(LOWEST / width) + 1] = 0.0
        return share


def hop_at(sample_rate: int) -> int:
    """Return the hop: the largest number of at most :data:`HOP` seconds that transforms fast."""
    most = int(HOP * sample_rate + 1e-9)
    return max(n for n in range(most // 2, most + 1) if _is_fast(n))


def _is_fast(n: int) -> bool:
    for prime in (2, 3, 5):
        while n % prime == 0:
            n //= prime
    return n == 1


def _band(xp: Any, block: Any) -> Any:
    """Take row ``i`` from column ``i`` on: ``(n, n + m - 1) -> (n, m)``.

    Written into rows that are one longer, the matrix is sheared by a column a row.
    """
    rows, columns = block.shape
    tail = xp.zeros(rows, dtype=block.dtype, device=device(block))
    flat = xp.concat([xp.reshape(block, (-1,)), tail])
    return xp.reshape(flat, (rows, columns + 1))[:, : columns - rows + 1]


def _power(xp: Any, magnitude: Any) -> Any:
    """Return the magnitude to the power of 1.5: between what suits magnitudes and energies."""
    return magnitude * xp.sqrt(magnitude)


def _smoothed(xp: Any, power: Any) -> Any:
    """Average over some frames and three bins, up to a constant; by doubling."""
    frames, bins = power.shape
    edge = xp.zeros((SMOOTHING - 1, bins), dtype=power.dtype, device=device(power))
    wide = xp.concat([edge, power, edge])
    for _ in range(2):
        span = 1
        while span < SMOOTHING:
            wide = wide[:-span, :] + wide[span:, :]
            span *= 2
    side = xp.zeros((frames, 1), dtype=power.dtype, device=device(power))
    wide = xp.concat([side, wide, side], axis=1)
    wide = wide[:, :-1] + wide[:, 1:]
    return wide[:, :-1] + wide[:, 1:]
