"""The vocal mask: the voice's share of the energy in each bin, by a network from features.

The network sees, by band, what :mod:`vocal_features` found: features that speak for a voice or
against it, and the log odds that follow from them by weights that are the same for all songs. So
it need not learn what a harmonic or a repetition is, and has to learn only whom to believe.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import device

from autovoice_core.separation.wrpca.bands import (
    BINS,
    BINS_PER_BAND,
    band_sums,
    bins_of_bands,
)
from autovoice_core.separation.wrpca.mask_network import MaskNetwork
from autovoice_core.separation.wrpca.vocal_features import (
    SECOND_PASS,
    Features,
    log_odds,
    vocal_features,
)

MIN_VOCAL_HZ = 100.0
"""Frequency below which the mask is zero."""
LEVEL_FLOOR = 1e-7
"""Energy of a bin, over the mean, that counts as nothing."""
WIDTH_FLOOR = 1e-4
"""Share of a band's energy that is added to its mid and side, so that their ratio is bounded."""
MAX_LOG_ODDS = 12.0
"""The largest log odds of weighted features, as the network sees them."""
NETWORK_SHARE = 0.5
"""Share of the network in the log odds. The rest is that of the weighted features: on songs that
the network has not heard the two together are better than each."""
OFFSETS = np.array([-6.0, -2.0, 0.0, 0.0, 0.0, 0.0], np.float32)
SCALES = np.array([4.0, 2.0, 2.0, 1.0, 2.0, 4.0], np.float32)
"""Offset and scale of each witness: the network sees (value - offset) / scale."""


def vocal_mask(
    xp: Any, mid: Any, side: Any, bin_hz: float, network: MaskNetwork | None = None
) -> Any:
    """Return the voice's share of the energy, 0 to 1, ``(frames, bins)``.

    Parameters
    ----------
    xp
        The array library.
    mid, side
        ``(frames, bins)`` float32, energies of the channels' mean and of what differs from it; at
        most :data:`BINS` bins.
    bin_hz
        Width of a bin, Hz.
    network
        In the library and on the device of the energies; by default made anew, with the weights of
        the package.
    """
    if not bool(xp.any(mid + side > 0)):
        return xp.zeros_like(mid)
    odds = vocal_log_odds(xp, mid, side, bin_hz, network)
    mask = 1 / (1 + xp.exp(-xp.clip(odds, -30.0, 30.0)))
    mask[:, : int(MIN_VOCAL_HZ / bin_hz) + 1] = 0.0
    return mask


def vocal_log_odds(
    xp: Any, mid: Any, side: Any, bin_hz: float, network: MaskNetwork | None = None
) -> Any:
    """Return the log odds of the voice, ``(frames, bins)``; some energy must not be zero.

    The arguments are those of :func:`vocal_mask`.
    """
    network = MaskNetwork(mid) if network is None else network
    features = vocal_features(xp, mid, side, bin_hz)
    weighted = log_odds(SECOND_PASS, features)
    seen = witnesses(xp, mid, side, features, weighted)
    del features  # 21 MB of a block, which the network needs
    learnt = bins_of_bands(xp, network.log_odds(seen))[:, : mid.shape[1]]
    return NETWORK_SHARE * learnt + (1 - NETWORK_SHARE) * weighted


def witnesses(xp: Any, mid: Any, side: Any, features: Features, weighted: Any) -> Any:
    """Return what the network sees of each band, ``(WITNESSES, frames, BANDS)`` float32.

    Level, side over mid, sparse over low rank, sustained over percussive, the fit of harmonics, and
    the log odds of ``weighted`` features.
    """
    odds = xp.clip(weighted, -MAX_LOG_ODDS, MAX_LOG_ODDS)
    missing = BINS - mid.shape[1]

    def sums(values: Any) -> Any:
        if missing:
            zeros = xp.zeros((values.shape[0], missing), dtype=values.dtype, device=device(values))
            values = xp.concat([values, zeros], axis=1)
        return band_sums(xp, values)

    sizes = xp.asarray(BINS_PER_BAND, device=device(mid))
    mean = float(xp.mean(mid + side))
    mid_sums, side_sums = sums(mid), sums(side)
    power = mid_sums + side_sums
    floor = WIDTH_FLOOR * power + 1e-9 * mean
    means = (features["sparse"], features["sustain"], features["harmonic_fit"], odds)
    channels = [
        xp.log(power / (sizes * mean) + LEVEL_FLOOR),
        xp.clip(xp.log((side_sums + floor) / (mid_sums + floor)), -6.0, 6.0),
        *(sums(values) / sizes for values in means),
    ]
    offsets, scales = (
        xp.asarray(row, device=device(mid))[:, None, None] for row in (OFFSETS, SCALES)
    )
    return (xp.stack(channels) - offsets) / scales
