"""How much of a voiced sound is breath, by band: what does not come back after one period."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import array_namespace

from autovoice_core.conversion.retrieval.frames import OVER_50_MS, beside, smoothed

CENTRES = np.asarray([0.0, 3000.0, 6000.0, 9000.0, 12000.0, 15000.0])
"""Hz; a band reaches to the centres of its neighbours. At 0 Hz a voice is taken as periodic."""

BANDS = CENTRES.size

_PERIODS = tuple(1.0 + 0.004 * step for step in range(-3, 4))
# The autocorrelation of a Hann window at a third of its length.
_WINDOW = (2 / 3) * (2 / 3 + math.cos(2 * math.pi / 3) / 3) + math.sin(2 * math.pi / 3) / (
    2 * math.pi
)


def noise_share(flat: Any, f0: Any, sample_rate: int) -> Any:
    """Return the noise's share of each band's power, before it is averaged over time.

    A band's autocorrelation at one period is the integral of its power times
    ``cos(2 pi f / f0)``; what is missing from that of the window alone is noise. A small error
    of f0 would pass for noise at its high multiples, so the period is the one, within 1.2 %, at
    which the voice comes back best.

    Parameters
    ----------
    flat
        ``(frames, bins)`` pitch-synchronous power divided by its envelope.
    f0
        ``(frames,)`` Hz.

    Returns
    -------
    Array
        ``(frames, BANDS)``, about 0 to 1.
    """
    xp = array_namespace(flat)
    frequencies = np.linspace(0.0, sample_rate / 2.0, flat.shape[1])
    triangles = np.clip(1.0 - np.abs(frequencies[:, None] - CENTRES[1:]) / 3000.0, 0.0, None)
    weights = beside(flat, triangles + 1e-9)
    energy = xp.matmul(flat, weights) + 1e-6
    turns = beside(flat, 2.0 * math.pi * frequencies)[None, :] / xp.astype(f0, flat.dtype)[:, None]
    tried = [xp.matmul(flat * xp.cos(turns * ratio), weights) / energy for ratio in _PERIODS]
    best, best_score = tried[0], xp.sum(tried[0][:, :2], axis=1, keepdims=True)
    for correlation in tried[1:]:
        score = xp.sum(correlation[:, :2], axis=1, keepdims=True)
        best = xp.where(score > best_score, correlation, best)
        best_score = xp.maximum(score, best_score)
    return xp.concat([0.0 * best[:, :1], 1.0 - best / _WINDOW], axis=1)


def steady(shares: Any) -> Any:
    """Average the shares of consecutive frames over 50 ms, since one frame's scatter widely."""
    xp = array_namespace(shares)
    return xp.clip(smoothed(shares, OVER_50_MS), 0.0, 1.0)
