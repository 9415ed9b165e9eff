"""Content of the voice's own recordings, put in place of the singer's as far as it is alike."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

NEIGHBOURS = 8
LEAST_DISTANCE = 1e-12
"""Squared distance below which a vector is the very one."""
CHUNK = 8192
"""Vectors that are compared at a time, so that memory does not grow with the index."""


class IndexSearch:
    """The vectors of an index, all of which are compared: RVC's own search looks at a part."""

    def __init__(self, vectors: NDArray[np.float16], device: str) -> None:
        self._vectors = torch.tensor(vectors).to(device)

    def nearest_mean(self, content: torch.Tensor) -> torch.Tensor:
        """Return the mean of the eight nearest vectors of each frame, ``(1, frames, size)``.

        Vectors count by the square of the inverse of their squared distance, as in RVC.
        """
        queries = content[0]
        count = min(NEIGHBOURS, len(self._vectors))
        distances = torch.full((len(queries), 0), 0.0, device=queries.device)
        places = torch.zeros((len(queries), 0), dtype=torch.int64, device=queries.device)
        lengths = queries.square().sum(dim=1, keepdim=True)
        for start in range(0, len(self._vectors), CHUNK):
            some = self._vectors[start : start + CHUNK].to(torch.float32)
            found = lengths - 2 * queries @ some.T + some.square().sum(dim=1)
            least, place = found.topk(min(count, len(some)), dim=1, largest=False)
            distances = torch.cat([distances, least], dim=1)
            places = torch.cat([places, place + start], dim=1)
            distances, order = distances.topk(min(count, distances.shape[1]), 1, largest=False)
            places = places.gather(1, order)
        near = self._vectors[places].to(torch.float32)
        # Exactly now: as a difference of large numbers, a small distance is mostly rounding.
        exact = (queries[:, None] - near).square().sum(dim=2)
        weights = exact.clamp(min=LEAST_DISTANCE).reciprocal().square()
        weights = weights / weights.sum(dim=1, keepdim=True)
        return (weights[..., None] * near).sum(dim=1)[None]
