"""Signal-to-distortion ratios of a waveform against its reference."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from autovoice_core.audio.source import Source

_BLOCK_FRAMES = 1 << 18


def distortion_ratios(reference: Source, estimate: Source) -> tuple[float | None, float | None]:
    """Return the signal-to-distortion ratio in dB, and the scale-invariant one.

    Both sources have one rate and shape. They are read twice, block by block. The first is None
    for a silent reference, the second for a silent reference or estimate; an exact copy has
    ``inf``.
    """
    power = error = inner = other = 0.0
    for true, estimated in _pairs(reference, estimate):
        power += float(np.sum(true**2))
        other += float(np.sum(estimated**2))
        error += float(np.sum((true - estimated) ** 2))
        inner += float(np.sum(true * estimated))
    if not power:
        return None, None
    ratio = _decibels(power, error)
    if not other:
        return ratio, None
    gain = inner / power
    rest = sum(float(np.sum((e - gain * r) ** 2)) for r, e in _pairs(reference, estimate))
    return ratio, _decibels(gain**2 * power, rest)


def _pairs(
    reference: Source, estimate: Source
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    both = zip(reference.blocks(_BLOCK_FRAMES), estimate.blocks(_BLOCK_FRAMES), strict=True)
    for true, estimated in both:
        yield true.astype(np.float64), estimated.astype(np.float64)


def _decibels(signal: float, error: float) -> float:
    if signal == 0:
        return -math.inf
    return math.inf if error == 0 else 10 * math.log10(signal / error)
