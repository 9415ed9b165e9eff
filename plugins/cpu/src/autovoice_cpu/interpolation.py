"""What lies between the frames of a network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autovoice_core import PitchFrames

SAME_NOTE = 2 ** (3 / 12)
"""Neighbouring frames further apart than this are different notes: nothing lies between them."""


def between(
    f0: NDArray[np.float64],
    confidence: NDArray[np.float64],
    at: NDArray[np.float64],
    threshold: float,
) -> PitchFrames:
    """Read a track at fractional frames ``at``, never mixing voiced with unvoiced.

    Confidence is interpolated, and from ``threshold`` on a frame is voiced; f0 is interpolated,
    over log frequency, only between two voiced frames of one note, and else taken from the nearer
    voiced one.
    """
    left = np.minimum(at.astype(np.int64), len(f0) - 2)
    part = np.minimum(at - left, 1.0)
    c0, c1 = confidence[left], confidence[left + 1]
    f_left, f_right = f0[left], f0[left + 1]
    sure = (1 - part) * c0 + part * c1
    both = (c0 >= threshold) & (c1 >= threshold)
    near = np.maximum(f_left, f_right) <= SAME_NOTE * np.minimum(f_left, f_right)
    glide = np.exp((1 - part) * np.log(f_left) + part * np.log(f_right))
    take_left = np.where(both, part < 0.5, c0 >= c1)
    value = np.where(both & near, glide, np.where(take_left, f_left, f_right))
    voiced = sure >= threshold
    return PitchFrames(
        np.where(voiced, value, 0.0), voiced, np.clip(sure, 0.0, 1.0).astype(np.float32)
    )
