"""The envelope shapes that a voice gives to phones, as an affine map."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace
from attrs import frozen

from autovoice_core._arrays import as_numpy
from autovoice_core.conversion.retrieval.frames import asarray_like

RIDGE = 0.002
"""Added to the variance of each state's posterior, so that rare states count for little."""


@frozen(eq=False)
class PhoneShapes:
    """An envelope shape for each phone, or the difference of two voices' shapes: an accent.

    Attributes
    ----------
    shape
        ``(1, POINTS)`` for no phone.
    states
        ``(states, POINTS)`` what each state adds.
    """

    shape: Any
    states: Any

    @classmethod
    def fit(cls, posteriors: Any, shapes: Any) -> PhoneShapes:
        """Return how a voice shapes its phones, by ridge regression.

        Shape: ``(frames, states)``, ``(frames, POINTS)``.
        """
        xp = array_namespace(posteriors)
        mean, mean_shape = (xp.mean(rows, axis=0, keepdims=True) for rows in (posteriors, shapes))
        centred = posteriors - mean
        transposed = xp.matrix_transpose(centred)
        square, product = (
            as_numpy(xp.matmul(transposed, rows)).astype(np.float64) / posteriors.shape[0]
            for rows in (centred, shapes - mean_shape)
        )
        states = asarray_like(
            posteriors, np.linalg.solve(square + RIDGE * np.eye(len(square)), product)
        )
        return cls(mean_shape - xp.matmul(mean, states), states)

    def __sub__(self, other: PhoneShapes) -> PhoneShapes:
        """Return what this voice's shapes have over the other's."""
        return PhoneShapes(self.shape - other.shape, self.states - other.states)

    def __call__(self, posteriors: Any) -> Any:
        """Return the shapes ``(frames, POINTS)`` for posteriors ``(frames, states)``."""
        return self.shape + array_namespace(posteriors).matmul(posteriors, self.states)
