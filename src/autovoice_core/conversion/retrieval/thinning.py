"""Evenly spaced frames of a song, or segments of recordings, never more than a limit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SEGMENT_FRAMES = 50
"""Frames of a run that are kept or dropped together."""

Features = dict[str, NDArray[Any]]


class ThinnedFrames:
    """Every ``spacing``-th frame of a song, of a long one in stretches at even distances.

    What is kept does not depend on how the song is cut into windows.

    Parameters
    ----------
    limit
        Maximum of rows kept; a stretch has no more.
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
        return numbers[self._kept(numbers)]

    def add(self, numbers: NDArray[np.int64], rows: NDArray[Any]) -> None:
        """Keep ``rows`` ``(n, ...)``, of numbers greater than any before."""
        self.numbers = np.concatenate([self.numbers, numbers])
        self.rows = rows if self.rows is None else np.concatenate([self.rows, rows])
        while self.numbers.size > self._limit:
            self._stride *= 2
            kept = self._kept(self.numbers)
            self.numbers, self.rows = self.numbers[kept], self.rows[kept]

    def follows(self) -> NDArray[np.bool_]:
        """Return which rows are the successors of those before them."""
        follows: NDArray[np.bool_] = np.diff(self.numbers, prepend=self.numbers[:1]) == self.spacing
        return follows

    def _kept(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        kept: NDArray[np.bool_] = numbers // self._stretch % self._stride == 0
        return kept


class ThinnedSegments:
    """Even segments of recordings, chosen as they come, in memory that does not grow with them.

    A voice is known by how it moves, so segments of runs are kept or dropped, not frames.

    Parameters
    ----------
    limit
        Frames that are kept.
    """

    def __init__(self, limit: int) -> None:
        self.limit, self.stride, self.segments = limit, 1, 0
        self._kept: list[tuple[NDArray[np.int64], Features]] = []

    def add(self, features: Features) -> None:
        """Add frames: arrays with one row for each, ``follows`` among them.

        ``follows`` says whether a frame is the successor of the one before it.
        """
        numbers = self.segments + _segment_numbers(features["follows"])
        self.segments = int(numbers[-1]) + 1
        self._kept.append((numbers, features))
        self._thin()
        while sum(numbers.size for numbers, _ in self._kept) > 2 * self.limit:
            self.stride *= 2
            self._thin()

    def features(self) -> Features:
        """Return the frames of the segments that are kept, in order."""
        numbers = np.concatenate([numbers for numbers, _ in self._kept])
        parts = [features for _, features in self._kept]
        features = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        if numbers.size > self.limit:
            segments = np.unique(numbers)
            count = int(segments.size * self.limit / numbers.size)
            even = segments[np.linspace(0, segments.size - 1, count).astype(np.int64)]
            kept = np.isin(numbers, even)
            numbers, features = numbers[kept], {name: v[kept] for name, v in features.items()}
        # A frame whose predecessor is dropped begins a run.
        consecutive = np.diff(numbers, prepend=-2) <= 1
        return {**features, "follows": features["follows"] & consecutive}

    def _thin(self) -> None:
        self._kept = [
            (numbers[kept], {name: values[kept] for name, values in features.items()})
            for numbers, features in self._kept
            if (kept := numbers % self.stride == 0).any()
        ]


def _segment_numbers(follows: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the number of the segment that each frame belongs to."""
    index = np.arange(follows.size)
    begins = np.maximum.accumulate(np.where(follows, 0, index))
    return np.cumsum((index - begins) % SEGMENT_FRAMES == 0) - 1
