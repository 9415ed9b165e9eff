"""The time grid of analysis frames, in exact integers."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core._arguments import as_number
from autovoice_core._errors import ArgumentError

MAX_DENOMINATOR = 1_000_000
"""Largest denominator of a hop in seconds."""
MAX_HOP_SECONDS = 1.0
"""Longest hop of a pitch track; notes are shorter."""


def exact_hop(hop: float | Fraction, longest: float = math.inf) -> Fraction:
    """Return ``hop`` as the simple fraction nearest to it: ``0.01`` is 1/100.

    Raises
    ------
    InputError
        ``hop`` is not a positive, finite number of seconds, or is more than ``longest``.
    """
    given: Any = hop
    if not isinstance(given, (Fraction, float)):
        hop = as_number("hop", given, unit="seconds", example="0.01")
    if not 0 < hop < math.inf:
        raise ArgumentError(f"hop: {hop} s is not a positive number of seconds; 0.01 is usual")
    if hop > longest:
        raise ArgumentError(f"hop: {hop} s is more than {longest:g} s; 0.01 is usual")
    exact = Fraction(hop).limit_denominator(MAX_DENOMINATOR)
    return exact or Fraction(hop)


def frame_centres(frames: int, sample_rate: int, hop: float | Fraction) -> NDArray[np.int64]:
    """Return the sample positions at which a sound of ``frames`` samples is analysed.

    Position ``i`` is ``i * hop * sample_rate`` rounded to the nearest sample (halves up); there
    are ``1 + floor(frames / (hop * sample_rate))`` of them, the last one at most ``frames``.

    Returns
    -------
    NDArray[np.int64]
        ``(positions,)`` increasing.

    Raises
    ------
    InputError
        ``hop`` is shorter than one sample, or not a positive number.
    """
    step = exact_hop(hop) * sample_rate
    if step < 1:
        raise ArgumentError(
            f"hop: {float(hop)} s is shorter than a sample at {sample_rate} Hz; "
            f"use at least {1 / sample_rate:.2g} s"
        )
    count = 1 + int(frames / step)
    return frame_positions(np.arange(count, dtype=np.int64), step)


def frame_positions(index: NDArray[np.int64], step: Fraction) -> NDArray[np.int64]:
    """Return ``index`` times ``step``, a number of samples, rounded to the nearest sample."""
    return (2 * step.numerator * index + step.denominator) // (2 * step.denominator)
