"""Weighted robust principal component analysis: a matrix split into low rank and sparse parts.

Low rank is what recurs, sparse what stands out of it (Candes and others, "Robust principal
component analysis?", 2011). The method is the inexact augmented Lagrangian (Lin and others, 2010).
Sparse entries have weights, as Jeong and Lee gave them by frequency ("Singing voice separation
using RPCA with weighted l1-norm", LVA/ICA 2017). Singular values are those of a subspace that
follows the matrix from iteration to iteration (Halko and others, 2011), which takes products and
QR factors of narrow matrices only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import device

MAX_RANK = 32
"""Rank of the low-rank part at most."""
ITERATIONS = 14
"""Iterations of the method; later ones change nothing audible."""
INITIAL_PENALTY, PENALTY_GROWTH = 1.25, 1.6
"""The first penalty, over the largest singular value, and its factor from each to the next."""
SEED = 20_17
"""Seed of the first subspace; a constant, so that the same sound gives the same result."""


def robust_pca(xp: Any, matrix: Any, weights: Any) -> tuple[Any, Any]:
    """Return the low-rank and the sparse part of a matrix.

    Shape: ``(rows, columns)`` float32, ``(columns,)`` float32 -> ``(rows, columns)`` twice. Where
    a column's weight is larger, less of it is sparse.
    """
    rank = min(MAX_RANK, *matrix.shape)
    random = np.random.default_rng(SEED).standard_normal((matrix.shape[1], rank))
    basis = xp.asarray(random.astype(np.float32), device=device(matrix))
    for _ in range(3):
        basis = xp.linalg.qr(matrix.T @ (matrix @ basis)).Q
    projected = matrix @ basis
    largest = float(xp.linalg.eigvalsh(projected.T @ projected)[-1]) ** 0.5
    scale = max(largest, float(xp.max(matrix / weights))) * (INITIAL_PENALTY / largest)
    dual = matrix / scale
    target, threshold = matrix + dual, largest / INITIAL_PENALTY
    for _ in range(ITERATIONS):
        low, basis = _shrink_singular_values(xp, target, basis, threshold)
        rest = matrix - low + dual
        # What of the rest is too small to be sparse is the next multiplier, over its penalty.
        clipped = xp.clip(rest, -weights * threshold, weights * threshold)
        sparse = rest - clipped
        dual = clipped / PENALTY_GROWTH
        target = matrix - sparse + dual
        threshold /= PENALTY_GROWTH
    return low, sparse


def _shrink_singular_values(xp: Any, matrix: Any, basis: Any, threshold: float) -> tuple[Any, Any]:
    """Return ``matrix`` with its singular values less by ``threshold``, and the next subspace."""
    columns = xp.linalg.qr(matrix @ basis).Q
    rows = columns.T @ matrix
    squares, directions = xp.linalg.eigh(rows @ rows.T)
    values = xp.sqrt(xp.clip(squares, 0.0, None))
    share = xp.clip(values - threshold, 0.0, None) / xp.clip(values, 1e-30, None)
    shrunk = (directions * share) @ directions.T
    return (columns @ shrunk) @ rows, xp.linalg.qr(rows.T).Q
