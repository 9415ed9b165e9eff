"""The kernels of separation, compiled by Numba."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from autovoice_cpu.kernels.threads import in_parallel

_COLUMNS = 128
"""Bins whose medians are taken together: what they need stays in the nearest cache."""


class NumbaSeparationKernels:
    """:class:`~autovoice_core.recipes.kernels.SeparationKernels` on the cores of the processor."""

    def spaced_peaks(
        self, similarity: NDArray[np.int32], count: int, spacing: int
    ) -> NDArray[np.int32]:
        """Find the frames most similar to each frame that are not too near each other."""
        found = np.full((len(similarity), count), -1, np.int32)

        def work(begin: int, end: int) -> None:
            _spaced_peaks(similarity, spacing, found, begin, end)

        in_parallel(work, len(similarity), least=64)
        return found

    def median_of_frames(
        self, values: NDArray[np.float32], frames: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        """Take the median, bin by bin, of the rows of ``values`` that ``frames`` names."""
        median = np.empty((len(frames), values.shape[1]), np.float32)

        def work(begin: int, end: int) -> None:
            _median_of_frames(values, frames, median, begin, end)

        in_parallel(work, len(frames), least=16)
        return median


@njit(cache=True, nogil=True)
def _spaced_peaks(similarity, spacing, found, begin, end):  # type: ignore[no-untyped-def]  # pragma: no cover
    width = similarity.shape[1]
    reach = width // 2
    order = np.empty(width, np.int32)
    for i in range(width):
        # 0, -1, 1, -2, 2, ...: the first maximum met is the nearest, then the earliest.
        order[i] = reach + (i // 2 if i % 2 == 0 else -(i + 1) // 2)
    row = np.empty(width, np.int32)
    for frame in range(begin, end):
        row[:] = similarity[frame]
        for place in range(found.shape[1]):
            best, column = -1, 0
            for i in range(width):
                if row[order[i]] > best:
                    best, column = row[order[i]], order[i]
            if best < 0:
                break
            found[frame, place] = frame + column - reach
            row[max(column - spacing + 1, 0) : column + spacing] = -1


@njit(cache=True, nogil=True)
def _median_of_frames(values, frames, median, begin, end):  # type: ignore[no-untyped-def]  # pragma: no cover
    bins = values.shape[1]
    sorted_rows = np.empty((frames.shape[1], _COLUMNS), np.float32)
    for row in range(begin, end):
        count = 0
        while count < frames.shape[1] and frames[row, count] >= 0:
            count += 1
        for first in range(0, bins, _COLUMNS):
            last = min(first + _COLUMNS, bins)
            for i in range(count):
                sorted_rows[i, : last - first] = values[frames[row, i], first:last]
            _sort_rows(sorted_rows, count)
            lower = sorted_rows[(count - 1) // 2]
            upper = sorted_rows[count // 2]
            for j in range(last - first):
                median[row, first + j] = np.float32(0.5) * (lower[j] + upper[j])


@njit(cache=True, nogil=True)
def _sort_rows(rows, count):  # type: ignore[no-untyped-def]  # pragma: no cover
    # Batcher's merge exchange (Knuth, volume 3, 5.2.2, algorithm M): which rows are compared does
    # not depend on what is in them, so that many columns are sorted at once.
    top = 1
    while 2 * top < count:
        top *= 2
    p = top
    while p > 0:
        q, r, d = top, 0, p
        while d > 0:
            for i in range(count - d):
                if i & p == r:
                    a, b = rows[i], rows[i + d]
                    for j in range(len(a)):
                        low = a[j] if a[j] < b[j] else b[j]
                        high = b[j] if a[j] < b[j] else a[j]
                        a[j], b[j] = low, high
            d = q - p
            q //= 2
            r = p
        p //= 2
