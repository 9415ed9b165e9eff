"""A limit on the peaks of a stream that needs no look-ahead: a soft saturation near full scale."""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace

KNEE = 0.9
"""Share of the ceiling (-0.9 dB) up to which samples stay as they are."""


def soft_limited(samples: Any, ceiling: float) -> Any:
    """Return ``samples`` within ``ceiling``; those within :data:`KNEE` of it are unchanged.

    Each sample depends on itself alone, and the curve has no corner: nothing clicks.
    """
    xp, knee = array_namespace(samples), KNEE * ceiling
    size, room = xp.abs(samples), ceiling - KNEE * ceiling
    over = room * xp.tanh(xp.clip(size - knee, 0.0, None) / room)
    return xp.sign(samples) * (xp.clip(size, None, knee) + over)
