"""Loudness of the signal: energies of blocks, and their attenuation below the loudest nearby."""

from __future__ import annotations

from typing import Any

from autovoice_core.pitch.nccf.parameters import ENERGY_BLOCK, MIN_BLOCK_ENERGY


def block_energies(xp: Any, signal: Any) -> Any:
    """Return the int64 energy of each block of a signal of whole blocks."""
    wide = xp.astype(xp.reshape(signal, (-1, ENERGY_BLOCK)), xp.int64)
    return xp.sum(wide * wide, axis=1)


def attenuation(xp: Any, energy: Any, gate: int, before: int, after: int) -> Any:
    """Return how many halvings of energy each block lies below the loudest nearby, int32.

    The loudest is that of the blocks from ``before`` earlier to ``after`` later. The result is at
    most ``gate``, which is also that of blocks too quiet to be a voice at all.
    """
    loudest = running_max(xp, energy, before, after)
    halvings = xp.zeros(energy.shape, dtype=xp.int32)
    for power in range(1, gate + 1):
        halvings = halvings + xp.astype(energy <= (loudest >> power), xp.int32)
    return xp.where(energy > MIN_BLOCK_ENERGY, halvings, xp.full_like(halvings, gate))


def running_max(xp: Any, values: Any, before: int, after: int) -> Any:
    """Return the largest of non-negative values from ``before`` earlier to ``after`` later.

    Time is the first axis.
    """
    rest = values.shape[1:]
    first, last = (xp.zeros((count, *rest), dtype=values.dtype) for count in (before, after))
    wide = xp.concat([first, values, last])
    span = 1
    width = before + after + 1
    while 2 * span <= width:  # by doubling
        wide = xp.maximum(wide[:-span], wide[span:])
        span *= 2
    left = width - span
    return xp.maximum(wide[: wide.shape[0] - left], wide[left:]) if left else wide
