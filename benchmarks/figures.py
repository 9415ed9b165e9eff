"""Figures of many conversions: means, and shares of what was counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def values(rows: Iterable[Mapping[str, Any]], column: str) -> NDArray[np.float64]:
    """Return a column: ``(rows,)``, or ``(rows, 2)`` where a value is two counts.

    The counts are errors, and of how many they are. Rows without the column are left out.
    """
    return np.array([row[column] for row in rows if column in row], np.float64)


def figure(found: NDArray[np.float64], weights: NDArray[np.float64] | None = None) -> Any:
    """Return the mean of values, or of counts the errors of all together in percent.

    Parameters
    ----------
    found
        As :func:`values` returns them.
    weights
        ``(rows,)`` or ``(draws, rows)``, how often each row counts; by default once.

    Returns
    -------
    float or NDArray
        A figure, or ``(draws,)``; nan where nothing was counted.
    """
    weights = np.ones(len(found)) if weights is None else weights
    errors, total = (found[:, 0], found[:, 1]) if found.ndim == 2 else (found, np.ones(len(found)))
    scale = 100 if found.ndim == 2 else 1
    with np.errstate(invalid="ignore"):
        return scale * (weights @ errors) / (weights @ total)


def cell(rows: Iterable[Mapping[str, Any]], column: str) -> str:
    """Return the figure of a column for a Markdown table; a dash where there is none."""
    found = values(rows, column)
    if not found.size or np.isnan(number := figure(found)):
        return "-"
    return f"{number:.1f}" if found.ndim == 2 else f"{number:.3f}"


def line(first: Iterable[str], rows: list[dict[str, Any]], columns: Iterable[str]) -> str:
    """Return a row of a Markdown table: cells with text, then the figures of ``columns``."""
    return f"| {' | '.join([*first, *(cell(rows, column) for column in columns)])} |"
