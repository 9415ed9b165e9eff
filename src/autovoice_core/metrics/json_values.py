"""Figures in the form that JSON can hold."""

from __future__ import annotations

import math
from collections.abc import Mapping


def json_values(figures: Mapping[str, float | None]) -> dict[str, float | None]:
    """Return the figures with ``None`` for infinity too, which JSON lacks."""
    return {
        name: value if value is not None and math.isfinite(value) else None
        for name, value in figures.items()
    }
