"""Interpolation of f0 and confidence between the frames of a backend that has its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autovoice_core._types import PitchFrames

MAX_STEP_RATIO = 2 ** (3 / 12)
"""Ratio of adjacent f0 at most; beyond it they are different notes, not interpolated between."""


def interpolate(
    f0: NDArray[np.float64],
    confidence: NDArray[np.float64],
    positions: NDArray[np.float64],
    threshold: float,
) -> PitchFrames:
    """Return the track at fractional frame ``positions``, never mixing voiced with unvoiced.

    Confidence is interpolated, and from ``threshold`` on a frame is voiced; f0 is interpolated,
    over log frequency, only between two voiced frames of one note, and else taken from the nearer
    voiced one.
    """
    left = np.minimum(positions.astype(np.int64), len(f0) - 2)
    part = np.minimum(positions - left, 1.0)
    c0, c1 = confidence[left], confidence[left + 1]
    f_left, f_right = f0[left], f0[left + 1]
    certainty = (1 - part) * c0 + part * c1
    both = (c0 >= threshold) & (c1 >= threshold)
    one_note = np.maximum(f_left, f_right) <= MAX_STEP_RATIO * np.minimum(f_left, f_right)
    glide = np.exp((1 - part) * np.log(f_left) + part * np.log(f_right))
    take_left = np.where(both, part < 0.5, c0 >= c1)
    value = np.where(both & one_note, glide, np.where(take_left, f_left, f_right))
    voiced = certainty >= threshold
    return PitchFrames(
        np.where(voiced, value, 0.0), voiced, np.clip(certainty, 0.0, 1.0).astype(np.float32)
    )
