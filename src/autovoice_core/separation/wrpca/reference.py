"""Reference of robust PCA, by whole singular value decompositions in float64; slow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def robust_pca(
    matrix: NDArray[np.floating], weights: NDArray[np.floating], iterations: int = 40
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the low-rank and the sparse part of a matrix, as ``robust_pca.robust_pca`` does."""
    matrix, weights = matrix.astype(np.float64), weights.astype(np.float64)
    largest = float(np.linalg.norm(matrix, 2))
    dual = matrix / max(largest, float((matrix / weights).max()))
    sparse = np.zeros_like(matrix)
    penalty = 1.25 / largest
    for _ in range(iterations):
        left, values, right = np.linalg.svd(matrix - sparse + dual / penalty, full_matrices=False)
        low: NDArray[np.float64] = (left * np.maximum(values - 1 / penalty, 0)) @ right
        rest = matrix - low + dual / penalty
        sparse = np.sign(rest) * np.maximum(np.abs(rest) - weights / penalty, 0)
        dual = penalty * (rest - sparse)
        penalty *= 1.6
    return low, sparse
