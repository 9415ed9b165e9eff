"""Gaussian statistics of spectra, and the map that turns one voice's into another's.

Between two Gaussians of covariances A and B the optimal transport multiplies by
``A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2`` (I. Olkin and F. Pukelsheim, "The distance between two random
matrices with given dispersion matrices", Linear Algebra and its Applications 48, 1982): of all maps
that give a voice the other's mean and covariance, it changes each spectrum the least.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, Self

import numpy as np
from array_api_compat import array_namespace
from attrs import evolve, frozen
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core.conversion.retrieval.frames import Track, asarray_like
from autovoice_core.conversion.retrieval.mel_axis import POINTS

CEPSTRA = 40
"""Cepstra in which spectra are mapped; what is finer stays as it is."""

_LEAST = 1e-9  # variance in any direction, so that roots exist


@frozen(eq=False)
class Gaussian:
    """Mean and covariance of rows, in float64 on the host.

    Attributes
    ----------
    mean, covariance
        ``(n,)``, ``(n, n)``.
    frames
        Rows that they are known from, or the sum of their weights.
    """

    mean: Track
    covariance: Track
    frames: float

    @classmethod
    def of(cls, rows: NDArray[Any], weights: Track | None = None) -> Self:
        """Return that of ``(rows, n)``, each as often as its weight says."""
        rows = np.asarray(rows, np.float64)
        weights = np.ones(len(rows)) if weights is None else weights
        frames = float(np.sum(weights))
        share = (weights / max(frames, _LEAST))[:, None]
        mean = np.sum(share * rows, axis=0)
        centred = rows - mean
        return cls(mean, (share * centred).T @ centred, frames)

    def joined(self, other: Gaussian) -> Gaussian:
        """Return that of the rows of both (T. Chan et al., The American Statistician 37, 1983)."""
        frames = self.frames + other.frames
        share = other.frames / frames
        apart = other.mean - self.mean
        covariance = (1.0 - share) * self.covariance + share * other.covariance
        covariance = covariance + share * (1.0 - share) * np.outer(apart, apart)
        return Gaussian(self.mean + share * apart, covariance, frames)

    def with_recent(self, rows: NDArray[Any], memory: float) -> Gaussian:
        """Return that of more rows; from ``memory`` on each counts as much as any before."""
        known = evolve(self, frames=min(self.frames, memory)).joined(Gaussian.of(rows))
        return evolve(known, frames=self.frames + len(rows))

    def projected(self, matrix: Track) -> Gaussian:
        """Return that of the rows times ``matrix`` ``(n, m)``."""
        covariance = matrix.T @ self.covariance @ matrix
        return Gaussian(self.mean @ matrix, covariance, self.frames)

    def drawn_to(self, covariance: Track, frames: float) -> Gaussian:
        """Return this one, as if so many more frames had scattered as ``covariance`` says."""
        total = self.frames + frames
        drawn = (self.frames * self.covariance + frames * covariance) / total
        return Gaussian(self.mean, drawn, self.frames)


def transport(source: Track, target: Track, ridge: float) -> Track:
    """Return the matrix that turns rows of one covariance into rows of the other.

    ``ridge`` times the mean variance is added to each, so that directions in which a voice hardly
    varies, or was hardly heard, are not amplified.

    Shape: ``(n, n)``, ``(n, n)`` -> ``(n, n)``, symmetric.
    """
    a, b = (
        matrix + (ridge * np.trace(matrix) / len(matrix) + _LEAST) * np.eye(len(matrix))
        for matrix in (source, target)
    )
    root, inverse = _power(a, 0.5), _power(a, -0.5)
    return inverse @ _power(root @ b @ root, 0.5) @ inverse


def _power(matrix: Track, exponent: float) -> Track:
    """Return a power of a symmetric matrix whose eigenvalues are positive."""
    values, vectors = np.linalg.eigh(0.5 * (matrix + matrix.T))
    power: Track = (vectors * np.maximum(values, _LEAST**2) ** exponent) @ vectors.T
    return power


@cache
def orthonormal_basis(points: int) -> Track:
    """Return cepstra of the lowest ``points`` of the mel axis, ``(points, CEPSTRA)`` or fewer."""
    order = np.arange(min(CEPSTRA, points))
    basis = np.cos(math.pi * (np.arange(points)[:, None] + 0.5) * order / points)
    basis *= math.sqrt(2.0 / points)
    basis[:, 0] /= math.sqrt(2.0)
    return basis


def shape_cepstra(shapes: Any, points: int) -> Track:
    """Return cepstra of the lowest ``points`` of shapes, on the host.

    Shape: ``(frames, POINTS)`` -> ``(frames, CEPSTRA)``, or fewer, as of the basis.
    """
    cepstra: Track = as_numpy(shapes)[:, :points] @ orthonormal_basis(points)
    return cepstra


@frozen(eq=False)
class ShapeMap:
    """An affine map of envelope shapes.

    Attributes
    ----------
    basis
        ``(points, n)`` of cepstra; above its points shapes move as at the last of them.
    matrix, offset
        ``(n, n)``, ``(1, n)``: cepstra are multiplied and moved by them.
    """

    basis: Any
    matrix: Any
    offset: Any

    @classmethod
    def between(
        cls, source: Gaussian, target: Gaussian, points: int, ridge: float, like: Any
    ) -> ShapeMap:
        """Return the transport from ``source`` to ``target``, of cepstra of ``points``."""
        matrix = transport(source.covariance, target.covariance, ridge)
        return cls.affine(matrix, target.mean - source.mean @ matrix, points, like)

    @classmethod
    def affine(cls, matrix: Track, offset: Track, points: int, like: Any) -> ShapeMap:
        """Return the map of cepstra by a host ``matrix`` and ``offset``, on the device."""
        parts = orthonormal_basis(points), matrix, offset[None, :]
        return cls(*(asarray_like(like, part) for part in parts))

    def change(self, shapes: Any) -> Any:
        """Return what the map adds to ``(frames, POINTS)``."""
        xp = array_namespace(shapes)
        cepstra = xp.matmul(shapes[:, : self.basis.shape[0]], self.basis)
        return on_axis(xp.matmul(cepstra, self.matrix) + self.offset - cepstra, self.basis)

    def nearer(self, other: ShapeMap, share: float) -> ShapeMap:
        """Return a map that is nearer to ``other`` by a share of the way."""
        matrix = self.matrix + share * (other.matrix - self.matrix)
        return ShapeMap(self.basis, matrix, self.offset + share * (other.offset - self.offset))


def on_axis(cepstra: Any, basis: Any) -> Any:
    """Return ``(frames, POINTS)`` of ``(frames, n)``; above the basis the last point repeats."""
    xp = array_namespace(cepstra)
    low = xp.matmul(cepstra, xp.matrix_transpose(basis))
    above = POINTS - low.shape[1]
    return xp.concat([low, *[low[:, -1:]] * above], axis=1) if above else low
