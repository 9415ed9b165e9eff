"""The aperiodicity of a voiced sound by bands: the share of its power that is noise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import array_namespace

from autovoice_core.conversion.retrieval.frames import (
    SMOOTH_50_MS,
    asarray_like,
    interpolated,
    smoothed,
)
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES

BAND_CENTRES = np.asarray([0.0, 3000.0, 6000.0, 9000.0, 12000.0, 15000.0])
"""Hz; a band reaches to the centres of its neighbours. At 0 Hz a voice is taken as periodic."""

BANDS = BAND_CENTRES.size

_PERIODS = tuple(1.0 + 0.004 * step for step in range(-3, 4))
# The autocorrelation of a Hann window at a third of its length.
_WINDOW = (2 / 3) * (2 / 3 + math.cos(2 * math.pi / 3) / 3) + math.sin(2 * math.pi / 3) / (
    2 * math.pi
)


def band_aperiodicity(flat: Any, f0: Any, sample_rate: int) -> Any:
    """Return the share of noise in each band's power, before it is averaged over time.

    A band's autocorrelation at one period is the integral of its power times
    ``cos(2 pi f / f0)``; what it lacks of the window's own is noise. A small error of f0 would
    pass for noise at its high multiples, so the period is the one, within 1.2 %, at which the
    sound correlates best.

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
    triangles = np.clip(1.0 - np.abs(frequencies[:, None] - BAND_CENTRES[1:]) / 3000.0, 0.0, None)
    weights = asarray_like(flat, triangles + 1e-9)
    energy = xp.matmul(flat, weights) + 1e-6
    radians = asarray_like(flat, 2.0 * math.pi * frequencies)[None, :]
    turns = radians / xp.astype(f0, flat.dtype)[:, None]
    tried = [xp.matmul(flat * xp.cos(turns * ratio), weights) / energy for ratio in _PERIODS]
    best, best_score = tried[0], xp.sum(tried[0][:, :2], axis=1, keepdims=True)
    for correlation in tried[1:]:
        score = xp.sum(correlation[:, :2], axis=1, keepdims=True)
        best = xp.where(score > best_score, correlation, best)
        best_score = xp.maximum(score, best_score)
    return xp.concat([0.0 * best[:, :1], 1.0 - best / _WINDOW], axis=1)


def smooth_aperiodicity(bands: Any) -> Any:
    """Average consecutive frames over 50 ms, since single ones scatter widely; clip to 0..1."""
    return array_namespace(bands).clip(smoothed(bands, SMOOTH_50_MS), 0.0, 1.0)


def aperiodicity_on_axis(bands: Any) -> Any:
    """Interpolate ``(frames, BANDS)`` in dB to ``(frames, POINTS)``."""
    xp = array_namespace(bands)
    decibels = xp.log(xp.clip(bands, 1e-6, 1.0))
    return xp.exp(interpolated(decibels, np.interp(FREQUENCIES, BAND_CENTRES, np.arange(BANDS))))
