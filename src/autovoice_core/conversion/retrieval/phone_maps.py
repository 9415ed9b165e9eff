"""Maps of envelope shapes by what is said: one for each group of similar phones.

A voice differs from another in other ways in a vowel than in a nasal, so that each group of phones
has a mean and a covariance of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core.conversion.retrieval.frames import Track, asarray_like
from autovoice_core.conversion.retrieval.gaussians import (
    Gaussian,
    on_axis,
    orthonormal_basis,
    shape_cepstra,
    transport,
)

GROUPS = 24
"""Groups of phones."""

_SOFTNESS = 0.05  # of a group's border, in squared distances of root posteriors
_PRIOR_FRAMES = 15.0  # that a voice as a whole counts for in each of its groups
_WITHIN = 0.6  # of a voice's covariance: what a group has without knowledge of it
_LEAST_SHARE = 1e-6  # of each frame in each group
_ROUNDS, _MOST_CLUSTERED = 20, 4096


@frozen(eq=False)
class PhoneMaps:
    """An affine map of shapes for each group of phones.

    Attributes
    ----------
    centroids
        ``(groups, states)`` root posteriors.
    basis, matrices, offsets
        ``(points, n)`` of cepstra, ``(n, groups times n)``, ``(groups, n)``.
    """

    centroids: Any
    basis: Any
    matrices: Any
    offsets: Any

    @classmethod
    def fit(
        cls,
        source: tuple[Any, Any],
        target: tuple[Any, Any],
        points: int,
        ridge: float,
        prior_frames: float,
    ) -> PhoneMaps:
        """Return the maps from one voice's shapes to another's.

        Parameters
        ----------
        source, target
            Shapes and root posteriors of each, ``(frames, POINTS)`` and ``(frames, states)``.
        points
            Points of the mel axis that both voices' recordings have.
        ridge
            See :func:`transport`.
        prior_frames
            Frames for which the source is taken to scatter as the target does.
        """
        like, basis = target[0], orthonormal_basis(points)
        (own, own_phones), (wanted, wanted_phones) = (
            (shape_cepstra(shapes, points), as_numpy(posteriors))
            for shapes, posteriors in (source, target)
        )
        centroids = clustered(wanted_phones)
        voice = Gaussian.of(wanted)
        singer = Gaussian.of(own).drawn_to(voice.covariance, prior_frames)
        whole = transport(singer.covariance, voice.covariance, ridge)
        matrices, offsets = [], []
        for own_share, wanted_share in zip(
            _memberships(own_phones, centroids).T,
            _memberships(wanted_phones, centroids).T,
            strict=True,
        ):
            # Of a group that is not sung, the mean is the singer's.
            before, after = (
                Gaussian.of(rows, share + _LEAST_SHARE)
                for rows, share in ((own, own_share), (wanted, wanted_share))
            )
            frames = min(before.frames, after.frames)
            known = frames / (frames + _PRIOR_FRAMES)
            before, after = (
                group.drawn_to(_WITHIN * all_of_it.covariance, _PRIOR_FRAMES)
                for group, all_of_it in ((before, singer), (after, voice))
            )
            elsewhere = voice.mean + (before.mean - singer.mean) @ whole
            mean = elsewhere + known * (after.mean - elsewhere)
            matrices.append(transport(before.covariance, after.covariance, ridge))
            offsets.append(mean - before.mean @ matrices[-1])
        parts = centroids, basis, np.concatenate(matrices, axis=1), np.stack(offsets)
        return cls(*(asarray_like(like, part) for part in parts))

    def memberships(self, posteriors: Any) -> Any:
        """Return how far frames belong to each group: ``(frames, states)`` -> ``(frames, groups)``.

        They add up to 1.
        """
        return _memberships(posteriors, self.centroids)

    def __call__(self, shapes: Any, memberships: Any) -> Any:
        """Return shapes ``(frames, POINTS)`` mapped as each group maps them, by its share."""
        xp = array_namespace(shapes)
        cepstra = xp.matmul(shapes[:, : self.basis.shape[0]], self.basis)
        mapped = xp.reshape(
            xp.matmul(cepstra, self.matrices), (shapes.shape[0], *self.offsets.shape)
        )
        mixed = xp.sum((mapped + self.offsets) * memberships[:, :, None], axis=1)
        return shapes + on_axis(mixed - cepstra, self.basis)


def clustered(posteriors: NDArray[Any], groups: int = GROUPS) -> Track:
    """Return centroids of root posteriors, by spherical k-means (I. Dhillon and D. Modha, 2001).

    Shape: ``(frames, states)`` -> ``(groups, states)``, of length 1. Of many frames evenly spaced
    ones are clustered, and the first centroids are evenly spaced frames too.
    """
    count = min(len(posteriors), _MOST_CLUSTERED)
    rows = posteriors[np.linspace(0, len(posteriors) - 1, count).astype(np.int64)]
    centroids: Track = rows[np.linspace(0, count - 1, groups).astype(np.int64)].astype(np.float64)
    for _ in range(_ROUNDS):
        nearest = np.argmax(rows @ centroids.T, axis=1)
        for group in range(groups):
            if (members := nearest == group).any():
                mean = rows[members].mean(axis=0)
                centroids[group] = mean / np.linalg.norm(mean)
    return centroids


def _memberships(posteriors: Any, centroids: Any) -> Any:
    xp = array_namespace(posteriors)
    likeness = xp.matmul(posteriors, xp.astype(centroids, posteriors.dtype).T)
    likeness = likeness - xp.max(likeness, axis=1, keepdims=True)
    weights = xp.exp(likeness * (2.0 / _SOFTNESS))
    return weights / xp.sum(weights, axis=1, keepdims=True)
