"""The kernels of separation in plain NumPy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class ReferenceSeparationKernels:
    """The slow twin of every :class:`~autovoice_core.recipes.kernels.SeparationKernels`."""

    def spaced_peaks(
        self, similarity: NDArray[np.int32], count: int, spacing: int
    ) -> NDArray[np.int32]:
        """Find the frames most similar to each frame that are not too near each other."""
        frames, width = similarity.shape
        lags = np.arange(width) - width // 2
        found = np.full((frames, count), -1, np.int32)
        for frame, row in enumerate(similarity):
            taken: list[int] = []
            for lag in lags[np.lexsort((lags, np.abs(lags), -row))]:
                if row[lag + width // 2] < 0 or len(taken) == count:
                    break
                if all(abs(lag - other) >= spacing for other in taken):
                    taken.append(int(lag))
            found[frame, : len(taken)] = [frame + lag for lag in taken]
        return found

    def median_of_frames(
        self, values: NDArray[np.floating], frames: NDArray[np.int32]
    ) -> NDArray[np.float64]:
        """Take the median, bin by bin, of the rows of ``values`` that ``frames`` names."""
        rows = [np.median(values[row[row >= 0]].astype(np.float64), axis=0) for row in frames]
        return np.stack(rows)
