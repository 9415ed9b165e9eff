"""Features that tell the voice from the rest in each bin, and the mask of their weighted sum.

Each feature is a logarithm of a ratio of energies, voice over the rest, for every frame and bin.
The logistic function of their weighted sum is Wiener's ratio if the features are right. A first
pass uses the features of the spectrum alone, a second pass those of the first mask as well. The
weights are few and the same for all songs.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from array_api_compat import device
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core.separation.wrpca.harmonic_salience import harmonic_fit
from autovoice_core.separation.wrpca.robust_pca import robust_pca
from autovoice_core.separation.wrpca.smoothing import triangular_mean

BASS_HZ = 150.0
"""Frequency below which a sparse entry is less likely to be a voice."""
SPARSITY = 0.8
"""Weight of sparse entries, in units of one over the root of the matrix's longer side."""
VOCAL_BAND_HZ = 150.0, 4_000.0
"""Band in which the activity of the voice is measured."""
ENERGY_FLOOR = 1e-6
"""Energy, over the mean of the block, that counts as nothing."""
SHORT_FRAMES, LONG_FRAMES = 8, 128
"""Frames over which energies are averaged before they are compared, 0.2 s; and over which it is
decided whether there is a voice at all, 3 s."""
ACTIVITY_PASSES = 3
"""Number of estimates of activity, each by the mask of the one before."""
NEUTRAL_FIT = 2.0
"""Harmonic fit that speaks neither for a voice nor against it."""
MIN_SUSTAIN, MIN_ACTIVITY = 0.1, -0.8
"""Limits, over seconds, of sustain and activity under which there is hardly a voice."""


@frozen
class FeatureWeights:
    """The weight of each feature.

    Attributes
    ----------
    constant, octave, octave_squared
        Of a parabola over the octaves from 500 Hz.
    sparse
        Of the sparse part over the low-rank part.
    band_level
        Of the level of the band around the bin over that of the block.
    sustain
        Of sustained over percussive energy.
    activity
        Of the voice over the rest, by frame.
    harmonic_fit
        Of the fit of the harmonics of likely fundamentals.
    unsustained, faint
        Of doubts, for seconds, that there is a voice: what the mask passes is not sustained, or
        it is faint against the rest.
    """

    constant: float
    octave: float
    octave_squared: float
    sparse: float
    band_level: float
    sustain: float
    activity: float
    harmonic_fit: float = 0.0
    unsustained: float = 0.0
    faint: float = 0.0


FIRST_PASS = FeatureWeights(-1.6, 1.7, -0.11, 0.8, 1.04, -0.92, 0.48)
"""Of the features that need no mask, and of activity by the masks found so far."""
SECOND_PASS = FeatureWeights(1.42, 1.86, -0.17, 0.71, 1.03, -1.37, 0.23, 1.28, 10.0, 0.5)
"""Of all features."""

Features = dict[str, Any]
"""Features by the name of their weight; their shapes broadcast to that of the mask."""


def vocal_features(xp: Any, mid: Any, side: Any, bin_hz: float) -> Features:
    """Return all features, those of a mask of the first pass included.

    Parameters
    ----------
    xp
        The array library.
    mid, side
        ``(frames, bins)`` float32, energies of the channels' mean and of what differs from it; some
        must not be zero.
    bin_hz
        Width of a bin, Hz.
    """
    power = mid + side
    features = spectral_features(xp, mid, side, bin_hz)
    odds = log_odds(FIRST_PASS, features)
    mask = _logistic(xp, odds)
    for _ in range(ACTIVITY_PASSES):
        mask = _logistic(xp, odds + FIRST_PASS.activity * activity(xp, mask, power, bin_hz))
    return features | mask_features(xp, mask, power, features["sustain"], bin_hz)


def log_odds(weights: FeatureWeights, features: Features) -> Any:
    """Return the weighted sum of the features."""
    return sum(getattr(weights, name) * feature for name, feature in features.items())


def spectral_features(xp: Any, mid: Any, side: Any, bin_hz: float) -> Features:
    """Return the features that need no mask."""
    power = mid + side
    floor = ENERGY_FLOOR * float(xp.mean(power))
    frequency = bin_hz * np.maximum(np.arange(power.shape[1]), 0.5)
    octave = np.log2(frequency / 500)

    def row(values: Any) -> Any:
        return xp.asarray(values.astype(np.float32), device=device(power))[None, :]

    weights = row(np.sqrt(1 + (BASS_HZ / frequency) ** 4))[0, :]
    low, sparse = _low_rank_and_sparse(xp, mid, side, weights)
    return {
        "constant": row(np.ones_like(octave)),
        "octave": row(octave),
        "octave_squared": row(octave**2),
        "sparse": _log_ratio(
            xp, _smoothed(xp, sparse, SHORT_FRAMES), _smoothed(xp, low, SHORT_FRAMES), floor
        ),
        "band_level": _band_level(xp, power, bin_hz, floor),
        "sustain": _sustain(xp, power, floor),
    }


def activity(xp: Any, mask: Any, power: Any, bin_hz: float) -> Any:
    """Return how much louder the voice is than the rest at each time, ``(frames, 1)``."""
    power, mask = _vocal_band(power, bin_hz), _vocal_band(mask, bin_hz)
    voice = triangular_mean(xp, xp.sum(power * mask**2, axis=1), SHORT_FRAMES, 0)
    rest = triangular_mean(xp, xp.sum(power * (1 - mask) ** 2, axis=1), SHORT_FRAMES, 0)
    floor = 1e-4 * float(xp.mean(xp.sum(power, axis=1)))
    return xp.log((voice + floor) / (rest + floor))[:, None]


def mask_features(xp: Any, mask: Any, power: Any, sustain: Any, bin_hz: float) -> Features:
    """Return the features that need a mask, of the first pass.

    Two of them can only doubt, for seconds, that there is a voice.
    """
    active = activity(xp, mask, power, bin_hz)
    voice = _vocal_band(power * mask**2, bin_hz)
    sustained = xp.sum(voice * _vocal_band(sustain, bin_hz), axis=1)
    sustained = triangular_mean(xp, sustained, LONG_FRAMES, 0)
    floor = ENERGY_FLOOR * float(xp.mean(power))
    sustained = sustained / (triangular_mean(xp, xp.sum(voice, axis=1), LONG_FRAMES, 0) + floor)
    loud = triangular_mean(xp, active[:, 0], LONG_FRAMES, 0)
    return {
        "activity": active,
        "harmonic_fit": harmonic_fit(xp, xp.sqrt(power), mask, bin_hz) - NEUTRAL_FIT,
        "unsustained": xp.clip(sustained - MIN_SUSTAIN, -1.0, 0.0)[:, None],
        "faint": xp.clip(loud - MIN_ACTIVITY, -3.0, 0.0)[:, None],
    }


def _low_rank_and_sparse(xp: Any, mid: Any, side: Any, weights: Any) -> tuple[Any, Any]:
    """Return the energies of the low-rank and of the sparse part, mid and side together."""
    bins = mid.shape[1]
    matrix = xp.sqrt(mid)
    if bool(xp.any(side > 0)):
        matrix = xp.concat([matrix, xp.sqrt(side)], axis=1)
        weights = xp.concat([weights, weights])
    parts = robust_pca(xp, matrix, weights * (SPARSITY / max(matrix.shape) ** 0.5))
    low, sparse = (part * part for part in parts)
    if matrix.shape[1] > bins:
        low, sparse = (part[:, :bins] + part[:, bins:] for part in (low, sparse))
    return low, sparse


def _band_level(xp: Any, power: Any, bin_hz: float, floor: float) -> Any:
    """Return the level of the band around each bin over that of the block, ``(1, bins)``."""
    band = xp.mean(power, axis=0, keepdims=True) @ xp.asarray(
        _bands(power.shape[1]), device=device(power)
    )
    return xp.log((band + floor) / (xp.mean(_vocal_band(power, bin_hz)) + floor))


@lru_cache(maxsize=4)
def _bands(bins: int) -> NDArray[np.float32]:
    """Return the matrix that averages over a tenth of each bin's frequency to both sides."""
    number = np.arange(bins)
    inside = np.abs(number[:, None] - number) <= np.maximum(2, number // 10)
    bands: NDArray[np.float32] = (inside / inside.sum(axis=0)).astype(np.float32)
    return bands


def _sustain(xp: Any, power: Any, floor: float) -> Any:
    """Return sustained over percussive energy: geometric means along time and frequency."""
    level = xp.log(power + floor)
    sustained, percussive = (xp.exp(triangular_mean(xp, level, 8, axis)) for axis in (0, 1))
    return 0.5 * _log_ratio(xp, _smoothed(xp, sustained, 4), _smoothed(xp, percussive, 4), 0.0)


def _smoothed(xp: Any, energy: Any, frames: int) -> Any:
    return triangular_mean(xp, triangular_mean(xp, energy, frames, 0), 2, 1)


def _vocal_band(values: Any, bin_hz: float) -> Any:
    low, high = (int(edge / bin_hz) for edge in VOCAL_BAND_HZ)
    return values[:, low:high]


def _log_ratio(xp: Any, voice: Any, rest: Any, floor: float) -> Any:
    return xp.clip(xp.log((voice + floor) / (rest + floor)), -6.0, 6.0)


def _logistic(xp: Any, odds: Any) -> Any:
    return 1 / (1 + xp.exp(-xp.clip(odds, -30.0, 30.0)))
