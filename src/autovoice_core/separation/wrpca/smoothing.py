"""Averages over neighbouring frames and bins."""

from __future__ import annotations

from typing import Any

from array_api_compat import device


def triangle(xp: Any, values: Any, size: int, axis: int) -> Any:
    """Average along an axis with weights that fall to nothing ``size`` places away.

    Shape: any -> the same. ``size`` is a power of two. Beyond the ends there is nothing, and what
    is there weighs accordingly more.
    """
    count = values.shape[axis]
    ones = xp.ones((count,), dtype=values.dtype, device=device(values))
    shape = [1] * values.ndim
    shape[axis] = count
    return _added(xp, values, size, axis) / xp.reshape(_added(xp, ones, size, 0), tuple(shape))


def _added(xp: Any, values: Any, size: int, axis: int) -> Any:
    """Add up under a triangle, which is a box twice, which is made by doubling."""
    shape = list(values.shape)
    shape[axis] = size - 1
    edge = xp.zeros(tuple(shape), dtype=values.dtype, device=device(values))
    wide = xp.concat([edge, values, edge], axis=axis)
    for _ in range(2):
        span = 1
        while span < size:
            length = wide.shape[axis]
            wide = _part(wide, 0, length - span, axis) + _part(wide, span, length, axis)
            span *= 2
    return wide


def _part(values: Any, start: int, stop: int, axis: int) -> Any:
    return values[(slice(None),) * axis + (slice(start, stop),)]
