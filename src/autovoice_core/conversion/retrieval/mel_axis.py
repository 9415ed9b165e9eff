"""The frequency axis that voices are compared on, whatever rate they were recorded at."""

from __future__ import annotations

from typing import Any

import numpy as np

POINTS = 128
"""Points of the axis, evenly spaced in mel (O'Shaughnessy 1987) from 0 Hz."""

TOP = 20_000.0
"""The last point, Hz."""

_SPACING = 1127.0 * float(np.log1p(TOP / 700.0)) / (POINTS - 1)

FREQUENCIES = 700.0 * np.expm1(np.arange(POINTS) * _SPACING / 1127.0)
"""``(POINTS,)`` Hz."""


def positions(frequency: Any) -> Any:
    """Return where frequencies (Hz) lie on the axis, in points, cut at its ends."""
    mel = 1127.0 * np.log1p(np.asarray(frequency, np.float64) / 700.0)
    return np.clip(mel / _SPACING, 0.0, POINTS - 1.0)
