"""The sound of a voice where it has no pitch: consonants, breaths.

Its envelopes get the mean and covariance of the target's by one filter a frame, so that a voice's
hisses are the target's and yet remain as different from one another as they were.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.analysis import VOICED_MARGIN
from autovoice_core.conversion.retrieval.frames import SMOOTH_30_MS, asarray_like, dilate, smoothed
from autovoice_core.conversion.retrieval.gaussians import Gaussian, ShapeMap, orthonormal_basis
from autovoice_core.conversion.retrieval.mel_axis import POINTS, band_weights, without_level

NEIGHBOURHOOD = 15
"""Frames around voiced ones in which a song's unvoiced sound is its singer's."""

RANGE = float(np.log(10.0)) * 4.0
"""Natural logarithm of power, 40 dB, under the loudest voiced frame that is still learnt from."""

_RIDGE = 0.15
_MIN_FRAMES, _PRIOR_FRAMES = 60, 30.0  # for a covariance, and of a mean that is the source's
_MAX_CHANGE = 4.0  # 17 dB


def far_from_voiced(voiced: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which frames are unvoiced, and not at the edge of voiced sound."""
    return ~dilate(voiced, VOICED_MARGIN)


def loud_enough(envelope: NDArray[Any], loudest: float, points: int) -> NDArray[np.bool_]:
    """Return which frames ``(frames, POINTS)`` are within the range of the loudest voiced one."""
    loud: NDArray[np.bool_] = peak(envelope, points) > loudest - RANGE
    return loud


def peak(envelope: NDArray[Any], points: int) -> NDArray[Any]:
    """Return the highest value of the lowest ``points`` of envelopes, ``(frames,)``."""
    highest: NDArray[Any] = envelope[:, :points].max(axis=1)
    return highest


@frozen(eq=False)
class UnvoicedMap:
    """The filters that turn a source's unvoiced sound into the target's.

    Attributes
    ----------
    shapes
        The map of envelope shapes.
    points
        Points of the axis whose mean is an envelope's level.
    below
        ``(1, POINTS)``: 1 within the band of the target's recordings, 0 above it.
    """

    shapes: ShapeMap
    points: int
    below: Any

    @classmethod
    def fit(
        cls, source: Gaussian, target: Gaussian, points: int, band: int, like: Any
    ) -> UnvoicedMap:
        """Return the map between statistics of whole envelopes, ``POINTS`` wide.

        Of few frames the mean alone is mapped, by ``n / (n + 30)`` of the way.

        Parameters
        ----------
        points, band
            Points whose mean is an envelope's level, and those that both have sound on.
        """
        cepstra = np.eye(POINTS)
        cepstra[:points] -= 1.0 / points  # the level is left out
        cepstra = cepstra[:, :band] @ orthonormal_basis(band)
        before, after = source.projected(cepstra), target.projected(cepstra)
        frames = min(source.frames, target.frames)
        if frames < _MIN_FRAMES:
            offset = (after.mean - before.mean) * frames / (frames + _PRIOR_FRAMES)
            shapes = ShapeMap.affine(np.eye(len(offset)), offset, band, like)
        else:
            shapes = ShapeMap.between(before, after, band, _RIDGE, like)
        return cls.within(shapes, points, band, like)

    @classmethod
    def within(cls, shapes: ShapeMap, points: int, band: int, like: Any) -> UnvoicedMap:
        """Return the filters that ``shapes`` asks for, up to the edge of the band."""
        return cls(shapes, points, band_weights(like, asarray_like(like, [[float(band)]])))

    def change(self, envelope: Any) -> Any:
        """Return the log power to add to unvoiced sound, ``(frames, POINTS)``."""
        xp = array_namespace(envelope)
        change = self.shapes.change(without_level(envelope, self.points))
        return smoothed(xp.clip(change, -_MAX_CHANGE, _MAX_CHANGE), SMOOTH_30_MS) * self.below
