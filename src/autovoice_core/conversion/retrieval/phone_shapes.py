"""How differently two voices shape the same phone."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace
from attrs import frozen

from autovoice_core._arrays import as_numpy
from autovoice_core.conversion.retrieval.frames import beside

RIDGE = 0.002
"""What is added to the variance of each state's share, so that rare ones say little."""


@frozen(eq=False)
class Accent:
    """A shape for each phone, as an affine map.

    Attributes
    ----------
    shape
        ``(1, POINTS)`` for no phone.
    states
        ``(states, POINTS)`` what each adds.
    """

    shape: Any
    states: Any

    @classmethod
    def of(cls, phones: Any, shapes: Any) -> Accent:
        """Return how a voice shapes its phones, by ridge regression.

        Shape: ``(frames, states)``, ``(frames, POINTS)``.
        """
        xp = array_namespace(phones)
        said, shaped = (xp.mean(rows, axis=0, keepdims=True) for rows in (phones, shapes))
        away = phones - said
        turned = xp.matrix_transpose(away)
        square, product = (
            as_numpy(xp.matmul(turned, rows)).astype(np.float64) / phones.shape[0]
            for rows in (away, shapes - shaped)
        )
        states = beside(phones, np.linalg.solve(square + RIDGE * np.eye(len(square)), product))
        return cls(shaped - xp.matmul(said, states), states)

    def __sub__(self, other: Accent) -> Accent:
        """Return what this adds where the other is spoken."""
        return Accent(self.shape - other.shape, self.states - other.states)

    def __call__(self, phones: Any) -> Any:
        """Return ``(frames, POINTS)`` for ``(frames, states)``."""
        return self.shape + array_namespace(phones).matmul(phones, self.states)
