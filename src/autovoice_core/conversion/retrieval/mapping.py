"""The mapping from a source singer to the target voice, fitted to what is known of the source."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace
from attrs import evolve, frozen

from autovoice_core._arrays import as_numpy
from autovoice_core.conversion.retrieval.content import (
    ContentEncoder,
    cepstra,
    mean_and_deviation,
)
from autovoice_core.conversion.retrieval.exemplars import Exemplars
from autovoice_core.conversion.retrieval.frames import asarray_like, take_rows
from autovoice_core.conversion.retrieval.inventory import Inventory
from autovoice_core.conversion.retrieval.kernels import ConversionKernels
from autovoice_core.conversion.retrieval.mel_axis import band_weights, without_level
from autovoice_core.conversion.retrieval.phone_shapes import PhoneShapes
from autovoice_core.conversion.retrieval.phones import PHONE_LOOK_AHEAD
from autovoice_core.conversion.retrieval.substitution import Substitution
from autovoice_core.conversion.retrieval.thinning import ThinnedFrames

MIN_SOURCE_FRAMES = 20
"""Voiced frames of the source below which its own mean and variance are not used."""

SOFT_QUANTILE = 0.6
"""Quantile of the levels of voiced frames below which the source keeps its own shape."""

_MIN_DEVIATION = 0.4  # of the target's
_SONG_VARIES, _VOWEL_VARIES = 0.7, 0.3  # a song, of speech's variation, and one held vowel
_SELECTED_SCALES, _SOURCE_SCALES = (0.7, 2.0), (0.6, 1.6)


@frozen(eq=False)
class SourceStatistics:
    """Means and deviations of what a source singer sings.

    Attributes
    ----------
    cepstra
        Of the voiced frames.
    shapes, selected
        ``(1, POINTS)`` of their envelopes, and of those selected for them, without level.
    soft_level
        Level below which the singer is soft.
    """

    cepstra: tuple[Any, Any]
    shapes: tuple[Any, Any]
    selected: tuple[Any, Any]
    soft_level: float


@frozen(eq=False)
class VoiceMapping:
    """What turns the frames of a source into those of the target.

    Attributes
    ----------
    encoder, inventory, substitution
        What the source says; what there is to say it with; how that takes the source's place.
    target_deviation
        ``(1, POINTS)`` of the target's envelopes, without level.
    colour
        ``(1, POINTS)`` mean envelope of the target less that of the source, without level; 0 above
        the target's band.
    """

    encoder: ContentEncoder
    inventory: Inventory
    substitution: Substitution
    target_deviation: Any
    colour: Any

    @classmethod
    def prior(
        cls, exemplars: Exemplars, points: int, look_ahead: int = PHONE_LOOK_AHEAD
    ) -> VoiceMapping:
        """Return the mapping before anything is known of the source.

        Parameters
        ----------
        points
            Points of the axis that are compared.
        look_ahead
            Later frames of the source that will be known.
        """
        envelope, follows = exemplars.envelope, exemplars.follows
        xp = array_namespace(envelope)
        encoder, content = ContentEncoder.fit(envelope, follows, points, look_ahead)
        inventory = Inventory(content, follows)
        shapes = without_level(envelope, points)
        mean = xp.mean(shapes, axis=0, keepdims=True)
        deviation = xp.std(shapes, axis=0, keepdims=True)
        ones, zeros = xp.ones_like(mean), xp.zeros_like(mean)
        substitution = Substitution(
            exemplars,
            content.posteriors,
            points,
            target_mean=mean,
            selected_mean=mean,
            selected_scale=ones,
            source_mean=mean,
            source_scale=ones,
        )
        return cls(encoder, inventory, substitution, deviation, zeros)

    @classmethod
    def fit(
        cls,
        sample: ThinnedFrames,
        exemplars: Exemplars,
        sample_rate: int,
        kernels: ConversionKernels,
    ) -> VoiceMapping:
        """Return the mapping fitted to a sample of the song's voiced envelopes."""
        prior = cls.prior(exemplars, exemplars.comparable_points(sample_rate))
        if sample.rows is None or len(sample.rows) < MIN_SOURCE_FRAMES:
            return prior
        points = prior.substitution.points
        source = asarray_like(prior.substitution.target_mean, sample.rows)
        coefficients = cepstra(source, prior.encoder.basis)
        mean, deviation = mean_and_deviation(coefficients)
        units = (coefficients - mean) / prior.deviation_floor(deviation)
        nearest, _ = kernels.nearest(units, prior.inventory.content.units, 1)
        selected = take_rows(exemplars.envelope, as_numpy(nearest)[:, 0])
        shapes, selected = (without_level(rows, points) for rows in (source, selected))
        statistics = SourceStatistics(
            (mean, deviation),
            _shape_statistics(shapes),
            _shape_statistics(selected),
            float(np.quantile(sample.rows[:, :points].mean(axis=1), SOFT_QUANTILE)),
        )
        mapping = prior.with_source(statistics)
        posteriors = mapping.encoder.posteriors(units, sample.follows(), sample.spacing)
        return mapping.with_accent(posteriors, shapes)

    def with_source(self, source: SourceStatistics) -> VoiceMapping:
        """Return this mapping, of which the source was not known, for a source."""
        prior = self.substitution
        xp = array_namespace(prior.target_mean)
        (mean, deviation), (source_mean, source_deviation) = source.cepstra, source.shapes
        selected_mean, selected_deviation = source.selected
        selected_scale = self.target_deviation / (selected_deviation + 1e-6)
        source_scale = self.target_deviation / (source_deviation + 1e-6)
        substitution = evolve(
            prior,
            selected_mean=selected_mean,
            selected_scale=xp.clip(selected_scale, *_SELECTED_SCALES),
            source_mean=source_mean,
            source_scale=xp.clip(source_scale, *_SOURCE_SCALES),
            soft_level=source.soft_level,
        )
        band = float(np.min(as_numpy(prior.exemplars.bandwidth)))
        below = band_weights(prior.target_mean, asarray_like(prior.target_mean, [[band]]))
        return evolve(
            self,
            encoder=evolve(self.encoder, mean=mean, deviation=self.deviation_floor(deviation)),
            substitution=substitution,
            colour=(prior.target_mean - source_mean) * below,
        )

    def with_accent(self, posteriors: Any, shapes: Any) -> VoiceMapping:
        """Return this mapping with the accent that the target has over the source.

        Parameters
        ----------
        posteriors, shapes
            ``(frames, states)``, ``(frames, POINTS)`` of the source.
        """
        known = self.substitution
        target = without_level(known.exemplars.envelope, known.points)
        moved = known.target_mean + (shapes - known.source_mean) * known.source_scale
        accent = PhoneShapes.fit(known.posteriors, target) - PhoneShapes.fit(posteriors, moved)
        return evolve(self, substitution=evolve(known, accent=accent))

    def deviation_floor(self, deviation: Any) -> Any:
        """Return the deviation of a source's cepstra to divide by: its own, or the least allowed.

        A song of few sounds varies little: its vibrato must not pass for syllables. The less it
        varies, the nearer the least deviation is to the target's.
        """
        xp, target = array_namespace(deviation), self.encoder.target_deviation
        varies = xp.sqrt(xp.mean((deviation / target) ** 2))
        one_sound = (_SONG_VARIES - varies) / (_SONG_VARIES - _VOWEL_VARIES)
        least = _MIN_DEVIATION + (1.0 - _MIN_DEVIATION) * xp.clip(one_sound, 0.0, 1.0)
        return xp.maximum(deviation, least * target)


def _shape_statistics(shapes: Any) -> tuple[Any, Any]:
    """Return mean and standard deviation of shapes, ``(1, POINTS)`` each."""
    xp = array_namespace(shapes)
    return xp.mean(shapes, axis=0, keepdims=True), xp.std(shapes, axis=0, keepdims=True)
