"""Separation without a network: a mask from evidence, in blocks on a fixed grid.

A song is cut into blocks at multiples of a fixed time, whoever asks; each gets its mask from
nothing but itself, and masks pass into each other. So a window that begins at such a multiple
gives what the whole gives.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import device
from numpy.typing import NDArray

from autovoice_core._types import Audio, Stems
from autovoice_core.separation.wrpca.masking import BLOCK as SPECTRA
from autovoice_core.separation.wrpca.masking import energies, masked
from autovoice_core.separation.wrpca.stft import STFT
from autovoice_core.separation.wrpca.vocal_mask import voice_share

HOP = 1024 / 44_100
"""Seconds from frame to frame, at most; by rate it is up to a tenth less."""
STRIDE, FADE = 648, 216
"""Hops from block to block, and over which one passes into the next: 15 s and 5 s."""
LEAD = 346
"""Hops that a block begins before its multiple of the stride: 8 s. So a stretch between two
multiples depends on 12 s around it at most, which is less than a stride."""
BESIDE = 28e6
"""Bytes that are taken whatever the length: tables, and what libraries keep."""
HIGHEST = 12_000.0
"""Above this frequency, Hz, the voice's share is what it is in the third of an octave below."""


class WeightedRobustPCA:
    """A :class:`~autovoice_core._protocols.Separator` on any array library.

    Parameters
    ----------
    xp
        The array library.
    """

    context = (STRIDE + FADE - LEAD) * HOP

    def __init__(self, xp: Any) -> None:
        self.xp = xp

    def grid(self, sample_rate: int) -> int:
        """Return the number of samples of whose multiples windows must begin."""
        return STRIDE * hop_at(sample_rate)

    def bring(self, audio: Audio) -> Audio:
        """Return ``audio`` among the library's arrays."""
        return Audio(self.xp.asarray(audio.samples), audio.sample_rate, audio.made_by)

    def memory(self, frames: int, channels: int, sample_rate: int) -> float:
        """Return the bytes that a window takes: spectra, a block's energies, and the mask."""
        hop = hop_at(sample_rate)
        hops = frames / hop
        bins = min(2 * hop, 4 * hop * HIGHEST / sample_rate)
        tables = 12 + 6 * (channels > 1)  # of a block, at the same time
        tabled = 4 * min(hops, STRIDE + FADE) * bins * tables
        spectra = 80 * min(hops, SPECTRA) * hop
        return BESIDE + spectra + tabled + (8 + 4 * channels) * frames

    def separate(self, mixture: Audio) -> Stems:
        """Return vocals, and the mixture without them."""
        xp, rate = self.xp, mixture.sample_rate
        samples = xp.asarray(mixture.samples)
        if samples.shape[1] == 0:
            return Stems(mixture, mixture)
        stft = STFT(xp, hop_at(rate))
        vocals = masked(xp, stft, samples, self._mask(stft, samples, rate))
        return Stems(Audio(vocals, rate), Audio(samples - vocals, rate))

    def _mask(self, stft: STFT, samples: Any, rate: int) -> Any:
        xp, length = self.xp, samples.shape[1]
        width = rate / stft.size
        bins = min(stft.bins, int(HIGHEST / width) + 1)
        mask = xp.zeros((stft.count(length), bins), dtype=xp.float32, device=device(samples))
        hops = -(-length // stft.hop)
        count = 1 + max(0, -(-(hops + LEAD - FADE) // STRIDE) - 1)
        for block in range(count):
            start = block * STRIDE - LEAD
            first = max(start, 0)
            piece = samples[:, first * stft.hop : (start + STRIDE + FADE) * stft.hop]
            share = voice_share(xp, *energies(xp, stft, piece, bins), width)
            hop = first - start + np.arange(share.shape[0]) - 1
            weight = _weights(hop, block > 0, block < count - 1)
            weight = xp.asarray(weight, device=device(samples))[:, None]
            mask[first : first + share.shape[0], :] += weight * share
        top = xp.mean(mask[:, int(0.8 * bins) :], axis=1, keepdims=True)
        above = xp.broadcast_to(top, (mask.shape[0], stft.bins - bins))
        return xp.concat([mask, above], axis=1)


def hop_at(sample_rate: int) -> int:
    """Return the hop: the largest number of at most :data:`HOP` seconds that transforms fast."""
    most = int(HOP * sample_rate + 1e-9)
    return max(n for n in range(most // 2, most + 1) if _is_fast(n))


def _is_fast(n: int) -> bool:
    for prime in (2, 3, 5):
        while n % prime == 0:
            n //= prime
    return n == 1


def _weights(hop: NDArray[np.int_], rises: bool, falls: bool) -> NDArray[np.float32]:
    """Return how much a block counts so many hops from its start; all blocks add up to one."""
    weight = np.ones(len(hop))
    if rises:
        weight = np.minimum(weight, np.clip(hop / FADE, 0, 1))
    if falls:
        weight = np.minimum(weight, np.clip((STRIDE + FADE - hop) / FADE, 0, 1))
    return weight.astype(np.float32)
