"""How much of each bin is the singer's: several witnesses, weighed against each other.

Each witness is a logarithm of a ratio of energies, voice over the rest, for every frame and bin.
The voice's share is the logistic function of their weighted sum, which is Wiener's ratio if the
witnesses are right. The weights are few and the same for all songs.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from array_api_compat import device
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core.separation.wrpca.harmonic_salience import support
from autovoice_core.separation.wrpca.robust_pca import recurring
from autovoice_core.separation.wrpca.smoothing import triangle

LOWEST = 100.0
"""No voice is looked for below this frequency, Hz."""
BASS = 150.0
"""Below this frequency, Hz, what stands out is less likely to be a voice."""
SPARSITY = 0.8
"""Weight of sparse entries, in units of one over the root of the matrix's longer side."""
SUNG = 150.0, 4_000.0
"""What sings is judged between these frequencies, Hz."""
FLOOR = 1e-6
"""Energy, over the mean of the block, that counts as nothing."""
SOON, LONG = 8, 128
"""Frames over which energies are averaged before they are compared: 0.2 s; and over which it is
judged whether there is a singer at all: 3 s."""
PASSES = 3
"""How often activity is judged, each time by the mask found before."""
HALFWAY = 2.0
"""Support by harmonics that speaks neither for a voice nor against it."""
STRUCK, FAINT = 0.1, -0.8
"""What lasts less than this, and what is fainter than this, over seconds is hardly a singer."""


@frozen
class Weights:
    """What each witness weighs."""

    constant: float
    octave: float
    octave_squared: float
    sticking_out: float
    loud_band: float
    struck: float
    active: float
    harmonic: float = 0.0
    short: float = 0.0
    faint: float = 0.0


FIRST = Weights(-1.6, 1.7, -0.11, 0.8, 1.04, -0.92, 0.48)
"""Of the witnesses who need not know where the voice is."""
SECOND = Weights(1.42, 1.86, -0.17, 0.71, 1.03, -1.37, 0.23, 1.28, 10.0, 0.5)
"""Of all of them."""


def voice_share(xp: Any, middle: Any, side: Any, width: float) -> Any:
    """Return the voice's share of the energy, 0 to 1.

    Parameters
    ----------
    xp
        The array library.
    middle, side
        ``(frames, bins)`` float32, energies of the channels' mean and of what differs from it.
    width
        Of a bin, Hz.
    """
    power = middle + side
    if not bool(xp.any(power > 0)):
        return xp.zeros_like(power)
    seen = witnesses(xp, middle, side, width)
    evidence = weighed(FIRST, seen)
    share = _logistic(xp, evidence)
    for _ in range(PASSES):
        share = _logistic(xp, evidence + FIRST.active * activity(xp, share, power, width))
    seen |= hindsight(xp, share, power, seen["struck"], width)
    share = _logistic(xp, weighed(SECOND, seen))
    share[:, : int(LOWEST / width) + 1] = 0.0
    return share


def weighed(weights: Weights, seen: dict[str, Any]) -> Any:
    """Return the sum of what was seen."""
    return sum(getattr(weights, name) * witness for name, witness in seen.items())


def witnesses(xp: Any, middle: Any, side: Any, width: float) -> dict[str, Any]:
    """Return what speaks for a voice, by name of weight; shapes broadcast to the block's."""
    power = middle + side
    floor = FLOOR * float(xp.mean(power))
    frequency = width * np.maximum(np.arange(power.shape[1]), 0.5)
    octave = np.log2(frequency / 500)

    def row(values: Any) -> Any:
        return xp.asarray(values.astype(np.float32), device=device(power))[None, :]

    low, sparse = _split(xp, middle, side, row(np.sqrt(1 + (BASS / frequency) ** 4))[0, :])
    return {
        "constant": row(np.ones_like(octave)),
        "octave": row(octave),
        "octave_squared": row(octave**2),
        "sticking_out": _ratio(xp, _near(xp, sparse, SOON), _near(xp, low, SOON), floor),
        "loud_band": _loud_band(xp, power, width, floor),
        "struck": _struck(xp, power, floor),
    }


def activity(xp: Any, share: Any, power: Any, width: float) -> Any:
    """Return how much louder the voice is than the rest at each time, ``(frames, 1)``."""
    power, share = _sung(power, width), _sung(share, width)
    voice = triangle(xp, xp.sum(power * share**2, axis=1), SOON, 0)
    rest = triangle(xp, xp.sum(power * (1 - share) ** 2, axis=1), SOON, 0)
    floor = 1e-4 * float(xp.mean(xp.sum(power, axis=1)))
    return xp.log((voice + floor) / (rest + floor))[:, None]


def hindsight(xp: Any, share: Any, power: Any, struck: Any, width: float) -> dict[str, Any]:
    """Return what the witnesses say who know where the voice may be, by name of weight.

    Two of them can only doubt that anybody sings, for seconds: what was taken for a voice does
    not last, or it is faint beside the rest.
    """
    active = activity(xp, share, power, width)
    voice = _sung(power * share**2, width)
    lasts = triangle(xp, xp.sum(voice * _sung(struck, width), axis=1), LONG, 0)
    floor = FLOOR * float(xp.mean(power))
    lasts = lasts / (triangle(xp, xp.sum(voice, axis=1), LONG, 0) + floor)
    loud = triangle(xp, active[:, 0], LONG, 0)
    return {
        "active": active,
        "harmonic": support(xp, xp.sqrt(power), share, width) - HALFWAY,
        "short": xp.clip(lasts - STRUCK, -1.0, 0.0)[:, None],
        "faint": xp.clip(loud - FAINT, -3.0, 0.0)[:, None],
    }


def _split(xp: Any, middle: Any, side: Any, weights: Any) -> tuple[Any, Any]:
    """Return the energies of what recurs and of what sticks out."""
    bins = middle.shape[1]
    matrix = xp.sqrt(middle)
    if bool(xp.any(side > 0)):
        matrix = xp.concat([matrix, xp.sqrt(side)], axis=1)
        weights = xp.concat([weights, weights])
    parts = recurring(xp, matrix, weights * (SPARSITY / max(matrix.shape) ** 0.5))
    low, sparse = (part * part for part in parts)
    if matrix.shape[1] > bins:
        low, sparse = (part[:, :bins] + part[:, bins:] for part in (low, sparse))
    return low, sparse


def _loud_band(xp: Any, power: Any, width: float, floor: float) -> Any:
    """Return how loud the band around each bin is over the whole block, ``(1, bins)``."""
    band = xp.mean(power, axis=0, keepdims=True) @ xp.asarray(
        _bands(power.shape[1]), device=device(power)
    )
    return xp.log((band + floor) / (xp.mean(_sung(power, width)) + floor))


@lru_cache(maxsize=4)
def _bands(bins: int) -> NDArray[np.float32]:
    """Return the matrix that averages over a tenth of each bin's frequency to both sides."""
    place = np.arange(bins)
    inside = np.abs(place[:, None] - place) <= np.maximum(2, place // 10)
    bands: NDArray[np.float32] = (inside / inside.sum(axis=0)).astype(np.float32)
    return bands


def _struck(xp: Any, power: Any, floor: float) -> Any:
    """Compare what lasts with what is struck: geometric means along time and frequency."""
    level = xp.log(power + floor)
    lasting, struck = (xp.exp(triangle(xp, level, 8, axis)) for axis in (0, 1))
    return 0.5 * _ratio(xp, _near(xp, lasting, 4), _near(xp, struck, 4), 0.0)


def _near(xp: Any, energy: Any, frames: int) -> Any:
    return triangle(xp, triangle(xp, energy, frames, 0), 2, 1)


def _sung(values: Any, width: float) -> Any:
    low, high = (int(edge / width) for edge in SUNG)
    return values[:, low:high]


def _ratio(xp: Any, voice: Any, rest: Any, floor: float) -> Any:
    return xp.clip(xp.log((voice + floor) / (rest + floor)), -6.0, 6.0)


def _logistic(xp: Any, evidence: Any) -> Any:
    return 1 / (1 + xp.exp(-xp.clip(evidence, -30.0, 30.0)))
