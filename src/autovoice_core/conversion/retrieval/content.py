"""Content features: what a voice says in each frame, independent of the voice."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import array_namespace
from attrs import evolve, frozen
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.frames import (
    MOVEMENT_REACH,
    Track,
    asarray_like,
    hann,
    in_context,
    movement,
    partly_smoothed,
    smoothed_where,
    successors,
)
from autovoice_core.conversion.retrieval.phones import PHONE_LOOK_AHEAD, PhoneNetwork

COEFFICIENTS = 20
"""Cepstral coefficients that describe a sound; the level, the first, is left out."""

CONTEXT_OFFSETS = (-5, 0, 5)
"""Frames that a frame is compared by, from itself."""

PHONE_SHARE = 0.6
"""Share of phones in a comparison; cepstra in context are the rest."""

REST_REACH = 16
"""Frames on either side for which a voice must hold a sound to rest on it."""

SETTLING_REACH = 3
"""Frames on either side over which a voice's scatter is averaged before its rest is judged."""

_CONTEXT_WEIGHTS = (0.5, 1.0, 0.5)
_CEPSTRAL_VARIANCE = 1.5 * COEFFICIENTS  # of all cepstra in context
# Deviations of a speaker's sounds within which it rests, and from which it moves; in speech they
# are 2.5 or so.
_RESTING, _MOVING = 0.9, 1.6


def cosine_basis(points: int, like: Any) -> Any:
    """Return the basis of cepstra of the lowest ``points``: ``(points, COEFFICIENTS)``."""
    phase = math.pi * (np.arange(points) + 0.5) / points
    basis = np.cos(phase[:, None] * np.arange(1, COEFFICIENTS + 1)) * (2.0 / points)
    return asarray_like(like, basis)


def cepstra(envelope: Any, basis: Any) -> Any:
    """Return mel cepstra of the lowest points of envelopes.

    Shape: ``(frames, POINTS)``, ``(points, COEFFICIENTS)`` -> ``(frames, COEFFICIENTS)``.
    """
    return array_namespace(envelope).matmul(envelope[:, : basis.shape[0]], basis)


def mean_and_deviation(rows: Any) -> tuple[Any, Any]:
    """Return mean and standard deviation over the rows; the deviation is never 0."""
    xp = array_namespace(rows)
    return xp.mean(rows, axis=0), xp.std(rows, axis=0) + 1e-3


def resting(
    rows: Any,
    active: NDArray[np.bool_],
    weights: tuple[float, ...] = hann(REST_REACH),
    settling: tuple[float, ...] = hann(SETTLING_REACH),
) -> Any:
    """Return how far a voice rests on one sound for 0.17 s on either side of each frame.

    Shape: ``(frames, n)``, in deviations of a speaker's sounds, ``(frames,)`` on the host ->
    ``(frames, 1)``, 0 to 1.
    """
    xp = array_namespace(rows)
    settled = smoothed_where(rows, active, settling)
    mean = smoothed_where(settled, active, weights)
    variance = smoothed_where(settled * settled, active, weights) - mean * mean
    spread = xp.sqrt(xp.clip(xp.sum(variance, axis=1, keepdims=True), 0.0, None))
    return xp.clip((_MOVING - spread) / (_MOVING - _RESTING), 0.0, 1.0)


@frozen(eq=False)
class Content:
    """What is said in every frame.

    Attributes
    ----------
    units
        ``(frames, COEFFICIENTS)`` cepstra, of mean 0 and deviation 1 for the speaker.
    features
        ``(frames, n)`` to be compared by their distance.
    posteriors
        ``(frames, states)``, see :meth:`PhoneNetwork.root_posteriors`; none where too little of
        what follows is known.
    movement
        ``(frames,)`` on the host: how far the units move from frame to frame.
    rests
        ``(frames, 1)``, how far the voice rests on one sound; 0 for recordings.
    """

    units: Any
    features: Any
    posteriors: Any | None
    movement: Track
    rests: Any = 0.0


@frozen(eq=False)
class ContentEncoder:
    """Turns the envelopes of a voice into content that can be compared with a target's.

    Attributes
    ----------
    basis
        Of cepstra, see :func:`cosine_basis`.
    mean, deviation
        Of the voice's cepstra.
    target_deviation
        Of the target's cepstra.
    offsets
        Frames of a frame's context.
    network
        None where fewer than ``PHONE_LOOK_AHEAD`` later frames are known: cepstra alone choose
        better than posteriors found without them.
    """

    basis: Any
    mean: Any
    deviation: Any
    target_deviation: Any
    offsets: tuple[int, ...]
    network: PhoneNetwork | None
    _mean_posteriors: Any = None
    _posterior_scale: Any = None

    @classmethod
    def fit(
        cls, envelope: Any, follows: NDArray[np.bool_], points: int, look_ahead: int
    ) -> tuple[ContentEncoder, Content]:
        """Return the encoder for a target, by its recordings, and what they say.

        Parameters
        ----------
        envelope
            ``(exemplars, POINTS)``.
        follows
            ``(exemplars,)`` on the host: whether one is the successor of the one before.
        points
            Points of the mel axis that are compared.
        look_ahead
            Later frames of a source that will be known.
        """
        xp = array_namespace(envelope)
        basis = cosine_basis(points, envelope)
        coefficients = cepstra(envelope, basis)
        mean, deviation = mean_and_deviation(coefficients)
        units = (coefficients - mean) / deviation
        offsets = tuple(min(offset, look_ahead) for offset in CONTEXT_OFFSETS)
        network = PhoneNetwork(units) if look_ahead >= PHONE_LOOK_AHEAD else None
        encoder = cls(basis, mean, deviation, deviation, offsets, network)
        posteriors = encoder.posteriors(units, follows)
        if posteriors is not None:
            average = xp.mean(posteriors, axis=0, keepdims=True)
            variances = xp.mean((posteriors - average) ** 2, axis=0, keepdims=True)
            variance = xp.sum(variances, axis=1)
            scale = xp.sqrt(PHONE_SHARE * _CEPSTRAL_VARIANCE / (variance + 1e-6))[:, None]
            encoder = evolve(encoder, mean_posteriors=average, posterior_scale=scale)
        return encoder, encoder.content(units, follows, posteriors=posteriors)

    def centred(self, coefficients: Any) -> Any:
        """Return cepstra of the voice with mean 0, in deviations of the target's."""
        return (coefficients - self.mean) / self.target_deviation

    def encode(self, envelope: Any, active: NDArray[np.bool_]) -> Content:
        """Return what is said in the consecutive frames of a song, where they are ``active``."""
        sounds = self.centred(cepstra(envelope, self.basis))
        rests = resting(sounds, active)
        sounds = partly_smoothed(sounds, rests, active, hann(REST_REACH))
        units = sounds * (self.target_deviation / self.deviation)
        rests = rests * asarray_like(rests, active)[:, None]
        return self.content(units, successors(active), rests)

    def posteriors(self, units: Any, follows: NDArray[np.bool_], step: int = 1) -> Any | None:
        """Return the root posteriors of every ``step``-th frame, if there is a network."""
        if self.network is None:
            return None
        return self.network.root_posteriors(units, follows, step=step)

    def content(
        self,
        units: Any,
        follows: NDArray[np.bool_],
        rests: Any = 0.0,
        posteriors: Any | None = None,
        movement_weights: tuple[float, ...] = hann(MOVEMENT_REACH),
    ) -> Content:
        """Return the content of frames by their units; posteriors are computed if not given."""
        features = in_context(units, follows, self.offsets, _CONTEXT_WEIGHTS)
        moves = movement(units, movement_weights)
        if posteriors is None and self.network is not None:
            posteriors = self.network.root_posteriors(units, follows)
        if posteriors is not None:
            weighted = self._posterior_scale * (posteriors - self._mean_posteriors)
            parts = [(1.0 - PHONE_SHARE) ** 0.5 * features, weighted]
            features = array_namespace(units).concat(parts, axis=1)
        return Content(units, features, posteriors, moves, rests)
