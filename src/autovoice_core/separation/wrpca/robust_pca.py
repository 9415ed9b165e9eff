"""Robust principal component analysis: what recurs, and what sticks out of it.

A matrix is split into one of low rank and one that is sparse (Candes and others, "Robust
principal component analysis?", 2011) by the inexact augmented Lagrangian method (Lin and others,
2010). Sparse entries have weights, as Jeong and Lee gave them by frequency ("Singing voice
separation using RPCA with weighted l1-norm", LVA/ICA 2017). Singular values are those of a
subspace that follows the matrix from step to step (Halko and others, 2011), which takes products
and QR factors of narrow matrices only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import device

RANK = 32
"""What recurs has at most this rank."""
STEPS = 14
"""Steps of the method; later ones change nothing that is heard."""
BEGIN, GROWTH = 1.25, 1.6
"""The first penalty, over the largest singular value, and by how much each step's is greater."""
SEED = 20_17
"""Of the first subspace; a constant, so that the same sound gives the same result."""


def recurring(xp: Any, matrix: Any, weights: Any) -> tuple[Any, Any]:
    """Return the low-rank and the sparse part of a matrix.

    Shape: ``(rows, columns)`` float32, ``(columns,)`` float32 -> ``(rows, columns)`` twice. Where
    a column's weight is larger, less of it is sparse.
    """
    rank = min(RANK, *matrix.shape)
    random = np.random.default_rng(SEED).standard_normal((matrix.shape[1], rank))
    basis = xp.asarray(random.astype(np.float32), device=device(matrix))
    for _ in range(3):
        basis = xp.linalg.qr(matrix.T @ (matrix @ basis)).Q
    seen = matrix @ basis
    largest = float(xp.linalg.eigvalsh(seen.T @ seen)[-1]) ** 0.5
    dual = matrix / (max(largest, float(xp.max(matrix / weights))) * (BEGIN / largest))
    target, threshold = matrix + dual, largest / BEGIN
    for _ in range(STEPS):
        low, basis = _shrunk(xp, target, basis, threshold)
        rest = matrix - low + dual
        # What of the rest is too small to be sparse is the next multiplier, over its penalty.
        held = xp.clip(rest, -weights * threshold, weights * threshold)
        sparse = rest - held
        dual = held / GROWTH
        target = matrix - sparse + dual
        threshold /= GROWTH
    return low, sparse


def _shrunk(xp: Any, matrix: Any, basis: Any, threshold: float) -> tuple[Any, Any]:
    """Return ``matrix`` with its singular values less by ``threshold``, and the next subspace."""
    columns = xp.linalg.qr(matrix @ basis).Q
    rows = columns.T @ matrix
    squares, directions = xp.linalg.eigh(rows @ rows.T)
    values = xp.sqrt(xp.clip(squares, 0.0, None))
    share = xp.clip(values - threshold, 0.0, None) / xp.clip(values, 1e-30, None)
    shrunk = (directions * share) @ directions.T
    return (columns @ shrunk) @ rows, xp.linalg.qr(rows.T).Q
