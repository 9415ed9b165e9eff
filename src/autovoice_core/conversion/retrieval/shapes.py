"""Envelopes taken apart: their level, their shape, and the band they fill."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace

from autovoice_core.conversion.retrieval.frames import beside
from autovoice_core.conversion.retrieval.mel_axis import POINTS

FADED = 6
"""Points over which one band passes into another."""


def level(envelope: Any, points: int) -> Any:
    """Return the means of the lowest ``points``, ``(rows, 1)``."""
    xp = array_namespace(envelope)
    return xp.mean(envelope[:, :points], axis=1, keepdims=True)


def level_free(envelope: Any, points: int) -> Any:
    """Return envelopes less their levels."""
    return envelope - level(envelope, points)


def below(like: Any, band: Any) -> Any:
    """Return 1 for points below the edge ``band`` ``(rows, 1)``, fading to 0 towards it."""
    xp = array_namespace(like)
    point = beside(like, np.arange(POINTS))[None, :]
    return xp.clip((band - point) / FADED, 0.0, 1.0)
