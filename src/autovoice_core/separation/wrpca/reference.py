"""Robust principal component analysis by whole singular value decompositions in float64."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def recurring(
    matrix: NDArray[np.floating], weights: NDArray[np.floating], steps: int = 40
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the low-rank and the sparse part; twin of ``recipes.robust_pca.recurring``."""
    matrix, weights = matrix.astype(np.float64), weights.astype(np.float64)
    largest = float(np.linalg.norm(matrix, 2))
    dual = matrix / max(largest, float((matrix / weights).max()))
    sparse = np.zeros_like(matrix)
    penalty = 1.25 / largest
    for _ in range(steps):
        left, values, right = np.linalg.svd(matrix - sparse + dual / penalty, full_matrices=False)
        low: NDArray[np.float64] = (left * np.maximum(values - 1 / penalty, 0)) @ right
        rest = matrix - low + dual / penalty
        sparse = np.sign(rest) * np.maximum(np.abs(rest) - weights / penalty, 0)
        dual = penalty * (rest - sparse)
        penalty *= 1.6
    return low, sparse
