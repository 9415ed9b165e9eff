"""WeightedRobustPCA, the separator: a vocal mask computed in blocks on a fixed grid.

A song is cut into overlapping blocks at multiples of a fixed time; the mask of each is computed
from that block alone, and masks are crossfaded. So a window that begins at such a multiple gives
what the whole gives.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import device
from numpy.typing import NDArray

from autovoice_core._threads import map_in_order, threads_allowed
from autovoice_core._types import Audio, Stems
from autovoice_core.separation.wrpca.bands import BINS
from autovoice_core.separation.wrpca.mask_network import (
    FRAMES_MULTIPLE,
    MaskNetwork,
    Weights,
)
from autovoice_core.separation.wrpca.mid_side import (
    FRAMES_PER_BLOCK,
    apply_mask,
    mid_side_energies,
)
from autovoice_core.separation.wrpca.stft import STFT
from autovoice_core.separation.wrpca.vocal_mask import vocal_mask

MAX_HOP_SECONDS = 1024 / 44_100
"""Seconds from frame to frame at most; by rate it is up to a tenth less."""
STRIDE_HOPS, CROSSFADE_HOPS = 648, 216
"""Hops from block to block, and over which masks are crossfaded: 15 s and 5 s."""
LEAD_HOPS = 346
"""Hops that a block begins before its multiple of the stride: 8 s. So a stretch between two
multiples depends on 12 s around it at most, which is less than a stride."""
FIXED_BYTES = 32e6
"""Bytes that are taken whatever the length: tables, weights, and what libraries keep."""
BLOCK_FRAME_BYTES = 100e3
"""Bytes that each frame of a block takes within the network, at most."""


class WeightedRobustPCA:
    """A :class:`~autovoice_core.protocols.Separator` on any array library.

    Parameters
    ----------
    xp
        The array library.
    weights
        Of the network that makes the mask, as
        :func:`~autovoice_core.separation.wrpca.mask_network.read_weights` returns them; by default
        those of the package.
    """

    context = (STRIDE_HOPS + CROSSFADE_HOPS - LEAD_HOPS) * MAX_HOP_SECONDS

    def __init__(self, xp: Any, weights: Weights | None = None) -> None:
        self.xp = xp
        self._weights = weights

    def grid(self, sample_rate: int) -> int:
        """Return the number of samples of which the start of every window must be a multiple."""
        return STRIDE_HOPS * hop_length(sample_rate)

    def bring(self, audio: Audio) -> Audio:
        """Return ``audio`` as an array of the library."""
        return Audio(self.xp.asarray(audio.samples), audio.sample_rate, audio.made_by)

    def memory(self, frames: int, channels: int, sample_rate: int) -> float:
        """Return the bytes that a window takes: spectra, the network of a block, and the mask."""
        hop = hop_length(sample_rate)
        hops = frames / hop
        at_once = min(threads_allowed(), 1 + hops / STRIDE_HOPS)
        block_hops = min(hops, STRIDE_HOPS + CROSSFADE_HOPS) + FRAMES_MULTIPLE
        spectra_bytes = 80 * min(hops, FRAMES_PER_BLOCK) * hop
        block_bytes = BLOCK_FRAME_BYTES * block_hops + spectra_bytes
        return float(FIXED_BYTES + block_bytes * at_once + (8 + 4 * channels) * frames)

    def separate(self, mixture: Audio) -> Stems:
        """Return vocals, and the mixture without them."""
        xp, rate = self.xp, mixture.sample_rate
        samples = xp.asarray(mixture.samples)
        if samples.shape[1] == 0:
            return Stems(mixture, mixture)
        stft = STFT(xp, hop_length(rate))
        vocals = apply_mask(xp, stft, samples, self._mask(stft, samples, rate))
        return Stems(Audio(vocals, rate), Audio(samples - vocals, rate))

    def _mask(self, stft: STFT, samples: Any, rate: int) -> Any:
        """Return the vocal mask of all frames and bins."""
        xp, length = self.xp, samples.shape[1]
        bin_hz = rate / stft.size
        bins = min(stft.bins, BINS)
        mask = xp.zeros((stft.frame_count(length), bins), dtype=xp.float32, device=device(samples))
        hops = -(-length // stft.hop)
        count = 1 + max(0, -(-(hops + LEAD_HOPS - CROSSFADE_HOPS) // STRIDE_HOPS) - 1)
        starts = [number * STRIDE_HOPS - LEAD_HOPS for number in range(count)]
        network = MaskNetwork(samples, self._weights)

        def block_mask(start: int) -> Any:
            first, stop = max(start, 0), start + STRIDE_HOPS + CROSSFADE_HOPS
            block = samples[:, first * stft.hop : stop * stft.hop]
            energies = mid_side_energies(xp, stft, block, bins)
            return vocal_mask(xp, *energies, bin_hz, network)

        for number, part in enumerate(map_in_order(block_mask, starts)):
            start = starts[number]
            first = max(start, 0)
            hop = first - start + np.arange(part.shape[0]) - 1
            weight = crossfade_weights(hop, number > 0, number < count - 1)
            weight = xp.asarray(weight, device=device(samples))[:, None]
            mask[first : first + part.shape[0], :] += weight * part
        top = xp.mean(mask[:, int(0.8 * bins) :], axis=1, keepdims=True)
        above = xp.broadcast_to(top, (mask.shape[0], stft.bins - bins))
        return xp.concat([mask, above], axis=1)


def hop_length(sample_rate: int) -> int:
    """Return the hop: the most samples within :data:`MAX_HOP_SECONDS` with a fast transform."""
    most = int(MAX_HOP_SECONDS * sample_rate + 1e-9)
    return max(n for n in range(most // 2, most + 1) if _has_fast_transform(n))


def _has_fast_transform(n: int) -> bool:
    for prime in (2, 3, 5):
        while n % prime == 0:
            n //= prime
    return n == 1


def crossfade_weights(
    hop: NDArray[np.int_], fades_in: bool, fades_out: bool
) -> NDArray[np.float32]:
    """Return the weight of a block ``hop`` hops from its start; those of all add up to one."""
    weight = np.ones(len(hop))
    if fades_in:
        weight = np.minimum(weight, np.clip(hop / CROSSFADE_HOPS, 0, 1))
    if fades_out:
        weight = np.minimum(
            weight, np.clip((STRIDE_HOPS + CROSSFADE_HOPS - hop) / CROSSFADE_HOPS, 0, 1)
        )
    return weight.astype(np.float32)
