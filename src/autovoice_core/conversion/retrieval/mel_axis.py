"""The mel frequency axis on which envelopes of all sample rates are compared."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace

from autovoice_core.conversion.retrieval.frames import asarray_like

POINTS = 128
"""Points of the axis, evenly spaced in mel (O'Shaughnessy 1987) from 0 Hz."""

MAX_FREQUENCY = 20_000.0
"""Hz of the last point."""

BAND_FADE_POINTS = 6
"""Points over which one band passes into another."""

_SPACING = 1127.0 * float(np.log1p(MAX_FREQUENCY / 700.0)) / (POINTS - 1)

FREQUENCIES = 700.0 * np.expm1(np.arange(POINTS) * _SPACING / 1127.0)
"""``(POINTS,)`` Hz."""


def mel_positions(frequency: Any) -> Any:
    """Return the positions of frequencies (Hz) on the axis, in points, clipped to its ends."""
    mel = 1127.0 * np.log1p(np.asarray(frequency, np.float64) / 700.0)
    return np.clip(mel / _SPACING, 0.0, POINTS - 1.0)


def level(envelope: Any, points: int) -> Any:
    """Return the levels of envelopes, means of the lowest ``points``: ``(rows, 1)``."""
    xp = array_namespace(envelope)
    return xp.mean(envelope[:, :points], axis=1, keepdims=True)


def without_level(envelope: Any, points: int) -> Any:
    """Return the shapes of envelopes: what is left without their levels."""
    return envelope - level(envelope, points)


def band_weights(like: Any, edge: Any) -> Any:
    """Return 1 for points below the band edges ``(rows, 1)``, fading to 0 towards them."""
    xp = array_namespace(like)
    point = asarray_like(like, np.arange(POINTS))[None, :]
    return xp.clip((edge - point) / BAND_FADE_POINTS, 0.0, 1.0)
