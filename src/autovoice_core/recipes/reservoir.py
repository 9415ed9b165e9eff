"""An even sample of a song's frames, of bounded size, whatever windows the song comes in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Reservoir:
    """Keeps rows whose number is a multiple of a stride, which doubles when it is full."""

    def __init__(self, limit: int, stride: int) -> None:
        self.limit, self.stride = limit, stride
        self.numbers = np.zeros(0, np.int64)
        self.rows: NDArray[Any] | None = None

    def wanted(self, first: int, last: int) -> NDArray[np.int64]:
        """Return the numbers from ``first`` up to ``last`` that would be kept."""
        return np.arange(-(-first // self.stride) * self.stride, last, self.stride)

    def add(self, numbers: NDArray[np.int64], rows: NDArray[Any]) -> None:
        """Keep ``rows`` ``(n, ...)``, of numbers greater than any before."""
        self.numbers = np.concatenate([self.numbers, numbers])
        self.rows = rows if self.rows is None else np.concatenate([self.rows, rows])
        while self.numbers.size > self.limit:
            self.stride *= 2
            keep = self.numbers % self.stride == 0
            self.numbers, self.rows = self.numbers[keep], self.rows[keep]
