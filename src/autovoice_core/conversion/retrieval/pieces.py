"""Of more recordings than can be kept, pieces from all of them.

A voice is known by how it moves, so what is kept or left out are pieces of runs, not frames.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

PIECE = 50
"""Frames of a run that are kept or left out together."""

Features = dict[str, NDArray[Any]]


class Pieces:
    """Chooses evenly among pieces as they come, in memory that does not grow with them.

    Parameters
    ----------
    limit
        Frames that are kept.
    """

    def __init__(self, limit: int) -> None:
        self.limit, self.stride, self.seen = limit, 1, 0
        self._held: list[tuple[NDArray[np.int64], Features]] = []

    def add(self, features: Features) -> None:
        """Take in frames: arrays of one row for each, ``follows`` among them.

        ``follows`` says whether a frame is the successor of the one before it.
        """
        numbers = self.seen + _pieces(features["follows"])
        self.seen = int(numbers[-1]) + 1
        self._held.append((numbers, features))
        self._thin()
        while sum(numbers.size for numbers, _ in self._held) > 2 * self.limit:
            self.stride *= 2
            self._thin()

    def chosen(self) -> Features:
        """Return the frames of the pieces that are kept, in order."""
        numbers = np.concatenate([numbers for numbers, _ in self._held])
        parts = [features for _, features in self._held]
        features = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        if numbers.size > self.limit:
            held = np.unique(numbers)
            count = int(held.size * self.limit / numbers.size)
            even = held[np.linspace(0, held.size - 1, count).astype(np.int64)]
            kept = np.isin(numbers, even)
            numbers, features = numbers[kept], {name: v[kept] for name, v in features.items()}
        # A frame whose predecessor is left out begins a run.
        beside = np.diff(numbers, prepend=-2) <= 1
        return {**features, "follows": features["follows"] & beside}

    def _thin(self) -> None:
        self._held = [
            (numbers[kept], {name: values[kept] for name, values in features.items()})
            for numbers, features in self._held
            if (kept := numbers % self.stride == 0).any()
        ]


def _pieces(follows: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the number of the piece that each frame belongs to."""
    index = np.arange(follows.size)
    begins = np.maximum.accumulate(np.where(follows, 0, index))
    return np.cumsum((index - begins) % PIECE == 0) - 1
