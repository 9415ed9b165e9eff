"""An even sample of a song's frames, of bounded size, whatever windows the song comes in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Reservoir:
    """Keeps every so many frames of a song, and of a long one stretches at even distances.

    Parameters
    ----------
    limit
        Rows that are kept at most; a stretch has no more.
    spacing
        Frames from one row to the next.
    stretch
        Frames of a stretch. The more a song has of them, the farther apart are those kept.
    """

    def __init__(self, limit: int, spacing: int, stretch: int) -> None:
        self._limit, self.spacing, self._stretch, self._stride = limit, spacing, stretch, 1
        self.numbers = np.zeros(0, np.int64)
        self.rows: NDArray[Any] | None = None

    def wanted(self, first: int, last: int) -> NDArray[np.int64]:
        """Return the numbers from ``first`` up to ``last`` that would be kept."""
        numbers = np.arange(-(-first // self.spacing) * self.spacing, last, self.spacing)
        return numbers[self._keeps(numbers)]

    def add(self, numbers: NDArray[np.int64], rows: NDArray[Any]) -> None:
        """Keep ``rows`` ``(n, ...)``, of numbers greater than any before."""
        self.numbers = np.concatenate([self.numbers, numbers])
        self.rows = rows if self.rows is None else np.concatenate([self.rows, rows])
        while self.numbers.size > self._limit:
            self._stride *= 2
            keep = self._keeps(self.numbers)
            self.numbers, self.rows = self.numbers[keep], self.rows[keep]

    def follows(self) -> NDArray[np.bool_]:
        """Return which rows are the successors of those before them."""
        follows: NDArray[np.bool_] = np.diff(self.numbers, prepend=self.numbers[:1]) == self.spacing
        return follows

    def _keeps(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        keeps: NDArray[np.bool_] = numbers // self._stretch % self._stride == 0
        return keeps
