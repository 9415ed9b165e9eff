"""Small operations on tables whose rows are frames, in any array library."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace, device, is_array_api_obj

OVER_30_MS, OVER_50_MS = (1.0, 2.0, 1.0), (1.0, 2.0, 3.0, 2.0, 1.0)
"""Weights of neighbours for :func:`smoothed`, at 100 frames a second."""


def beside(like: Any, values: Any) -> Any:
    """Return host ``values`` beside ``like``: its library, device and dtype."""
    xp = array_namespace(like)
    return xp.asarray(np.asarray(values), dtype=like.dtype, device=device(like))


def indices(like: Any, values: Any) -> Any:
    """Return ``values`` beside ``like``, as indices; what is no NumPy array is there already."""
    if is_array_api_obj(values) and not isinstance(values, np.ndarray):
        return values
    xp = array_namespace(like)
    return xp.asarray(np.asarray(values, np.int64), device=device(like))


def take_rows(table: Any, which: Any) -> Any:
    """Return the rows of ``table`` whose numbers are given, on the host or beside it."""
    return array_namespace(table).take(table, indices(table, which), axis=0)


def interpolated(table: Any, where: Any) -> Any:
    """Interpolate every row of ``table`` linearly at the same host positions.

    Shape: ``(rows, points)``, ``(wanted,)`` -> ``(rows, wanted)``. Outside, the end's value.
    """
    xp = array_namespace(table)
    where = np.clip(where, 0.0, table.shape[1] - 1.0)
    low = np.minimum(where.astype(np.int64), table.shape[1] - 2)
    left = xp.take(table, indices(table, low), axis=1)
    right = xp.take(table, indices(table, low + 1), axis=1)
    return left + beside(table, where - low) * (right - left)


def sampled(table: Any, where: Any) -> Any:
    """Interpolate every row of ``table`` linearly at positions of its own.

    Shape: ``(rows, points)``, ``(rows, wanted)`` -> ``(rows, wanted)``. Outside, the end's value.
    """
    xp = array_namespace(table)
    where = xp.clip(where, 0.0, table.shape[1] - 1.0)
    low = xp.astype(xp.clip(xp.floor(where), 0.0, table.shape[1] - 2.0), xp.int64)
    left = xp.take_along_axis(table, low, axis=1)
    right = xp.take_along_axis(table, low + 1, axis=1)
    return left + (where - xp.astype(low, where.dtype)) * (right - left)


def smoothed(table: Any, weights: tuple[float, ...]) -> Any:
    """Average every row with its neighbours; at the ends the outermost row repeats."""
    xp = array_namespace(table)
    reach = len(weights) // 2
    count, total = table.shape[0], sum(weights)
    padded = xp.concat([table[:1]] * reach + [table] + [table[-1:]] * reach, axis=0)
    result = padded[:count] * (weights[0] / total)
    for offset, weight in enumerate(weights[1:], start=1):
        if not weight:
            continue
        result = result + padded[offset : offset + count] * (weight / total)
    return result


def hann(reach: int) -> tuple[float, ...]:
    """Return the weights of a Hann window over ``reach`` rows on either side."""
    place = np.arange(-reach, reach + 1) / (reach + 1)
    return tuple((0.5 + 0.5 * np.cos(np.pi * place)).tolist())
