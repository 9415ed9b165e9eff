"""What is said, apart from who says it: cepstra normalised by speaker, with their surroundings."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import array_namespace
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core.conversion.retrieval.frames import beside, hann, smoothed, take_rows

COEFFICIENTS = 20
"""Cepstral coefficients that carry the sound; the level, the first, is left out."""

OFFSETS = (-5, 0, 5)
"""Frames beside which a frame is set, its context."""

_WEIGHTS = (0.5, 1.0, 0.5)

REST = 16
"""Frames on either side over which a voice must stay with a sound to rest on it."""

SETTLING = 3
"""Frames on either side over which a voice's scatter is averaged before that is judged."""

_RESTS, _SPEAKS = 0.9, 1.6  # deviations of a speaker's sounds; in speech they stray by 2.5 or so


def cepstra(envelope: Any, points: int) -> Any:
    """Return mel cepstra of the lowest ``points`` of envelopes.

    Shape: ``(frames, POINTS)`` -> ``(frames, COEFFICIENTS)``.
    """
    xp = array_namespace(envelope)
    phase = math.pi * (np.arange(points) + 0.5) / points
    basis = np.cos(phase[:, None] * np.arange(1, COEFFICIENTS + 1)) * (2.0 / points)
    return xp.matmul(envelope[:, :points], beside(envelope, basis))


def statistics(rows: Any) -> tuple[Any, Any]:
    """Return mean and standard deviation over the rows; the deviation is never 0."""
    xp = array_namespace(rows)
    return xp.mean(rows, axis=0), xp.std(rows, axis=0) + 1e-3


def successors(active: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which of the frames that are active follow one that is."""
    following: NDArray[np.bool_] = active & np.append(False, active[:-1])
    return following


def runs(follows: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and the last frame of the run that each frame belongs to.

    ``follows[i]`` says that frame ``i`` is the successor of frame ``i - 1``.
    """
    count = follows.size
    index = np.arange(count)
    first = np.maximum.accumulate(np.where(follows, 0, index))
    ends = np.append(~follows[1:], True) if count else np.zeros(0, bool)
    last = np.minimum.accumulate(np.where(ends, index, count)[::-1])[::-1]
    return first, last


def movement(rows: Any, weights: tuple[float, ...] = hann(8)) -> NDArray[np.float64]:
    """Return how far each row lies from the one before, on the host.

    Averaged over 0.17 s, since from frame to frame a held note scatters too.
    """
    steady = as_numpy(smoothed(rows, weights))
    steps = np.diff(steady, axis=0, prepend=steady[:1])
    distance: NDArray[np.float64] = np.sqrt(np.sum(np.square(steps, dtype=np.float64), axis=1))
    return distance


def averaged(rows: Any, active: NDArray[np.bool_], weights: tuple[float, ...] = hann(REST)) -> Any:
    """Average every row with those around it, leaving out what is not active."""
    xp = array_namespace(rows)
    present = beside(rows, active)[:, None]
    count = xp.clip(smoothed(present, weights), 1e-6, None)
    return smoothed(present * rows, weights) / count


def resting(
    rows: Any,
    active: NDArray[np.bool_],
    over: tuple[float, ...] = hann(REST),
    settling: tuple[float, ...] = hann(SETTLING),
) -> Any:
    """Return how far a voice rests on one sound for 0.17 s on either side of each moment.

    Shape: ``(frames, n)``, in deviations of a speaker's sounds, ``(frames,)`` on the host ->
    ``(frames, 1)``, 0 to 1.
    """
    xp = array_namespace(rows)
    settled = averaged(rows, active, settling)
    mean = averaged(settled, active, over)
    variance = averaged(settled * settled, active, over) - mean * mean
    strays = xp.sqrt(xp.clip(xp.sum(variance, axis=1, keepdims=True), 0.0, None))
    return xp.clip((_SPEAKS - strays) / (_SPEAKS - _RESTS), 0.0, 1.0)


def in_context(
    rows: Any,
    follows: NDArray[np.bool_],
    offsets: tuple[int, ...] = OFFSETS,
    weights: tuple[float, ...] = _WEIGHTS,
) -> Any:
    """Set every frame beside those 50 ms before and after it, or at other offsets, in its run.

    Shape: ``(frames, n)`` -> ``(frames, n times the offsets)``.
    """
    xp = array_namespace(rows)
    first, last = runs(follows)
    index = np.arange(follows.size)
    parts = [
        weight * take_rows(rows, np.clip(index + offset, first, last))
        for offset, weight in zip(offsets, weights, strict=True)
    ]
    return xp.concat(parts, axis=1)
