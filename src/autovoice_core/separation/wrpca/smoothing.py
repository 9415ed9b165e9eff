"""Triangular averages over neighbouring frames and bins."""

from __future__ import annotations

from typing import Any

from array_api_compat import device


def triangular_mean(xp: Any, values: Any, size: int, axis: int) -> Any:
    """Return the average along an axis, with weights that fall to zero ``size`` places away.

    Shape: any -> the same. ``size`` is a power of two. Near the ends the average is of the values
    that exist.
    """
    count = values.shape[axis]
    ones = xp.ones((count,), dtype=values.dtype, device=device(values))
    shape = [1] * values.ndim
    shape[axis] = count
    return _sums(xp, values, size, axis) / xp.reshape(_sums(xp, ones, size, 0), tuple(shape))


def _sums(xp: Any, values: Any, size: int, axis: int) -> Any:
    """Return sums under a triangle: under a box, twice, each box made by doubling."""
    shape = list(values.shape)
    shape[axis] = size - 1
    edge = xp.zeros(tuple(shape), dtype=values.dtype, device=device(values))
    wide = xp.concat([edge, values, edge], axis=axis)
    for _ in range(2):
        span = 1
        while span < size:
            length = wide.shape[axis]
            wide = _slice(wide, 0, length - span, axis) + _slice(wide, span, length, axis)
            span *= 2
    return wide


def _slice(values: Any, start: int, stop: int, axis: int) -> Any:
    return values[(slice(None),) * axis + (slice(start, stop),)]
