"""What is said, apart from who says it: cepstra normalised by speaker, with their surroundings."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import array_namespace
from numpy.typing import NDArray

from autovoice_core.recipes.rows import beside, take_rows

COEFFICIENTS = 20
"""Cepstral coefficients that carry the sound; the level, the first, is left out."""

_OFFSETS = (-5, 0, 5)
_WEIGHTS = (0.5, 1.0, 0.5)


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


def neighbours(follows: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the frames that surround each frame within its run, ``(frames, offsets)``.

    ``follows[i]`` says that frame ``i`` is the successor of frame ``i - 1``.
    """
    count = follows.size
    index = np.arange(count)
    first = np.maximum.accumulate(np.where(follows, 0, index))
    ends = np.append(~follows[1:], True) if count else np.zeros(0, bool)
    last = np.minimum.accumulate(np.where(ends, index, count)[::-1])[::-1]
    around = index[:, None] + np.asarray(_OFFSETS)
    result: NDArray[np.int64] = np.clip(around, first[:, None], last[:, None])
    return result


def in_context(rows: Any, follows: NDArray[np.bool_]) -> Any:
    """Set every frame beside those 50 ms before and after it in its run.

    Shape: ``(frames, n)`` -> ``(frames, 3 n)``.
    """
    xp = array_namespace(rows)
    around = neighbours(follows)
    parts = [weight * take_rows(rows, around[:, o]) for o, weight in enumerate(_WEIGHTS)]
    return xp.concat(parts, axis=1)
