"""The mapping from a source singer to the target voice, fitted to what is known of the source."""

from __future__ import annotations

from typing import Any

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
from autovoice_core.conversion.retrieval.gaussians import Gaussian, ShapeMap, shape_cepstra
from autovoice_core.conversion.retrieval.inventory import Inventory
from autovoice_core.conversion.retrieval.kernels import ConversionKernels
from autovoice_core.conversion.retrieval.mel_axis import without_level
from autovoice_core.conversion.retrieval.phone_maps import PhoneMaps
from autovoice_core.conversion.retrieval.phone_shapes import PhoneShapes
from autovoice_core.conversion.retrieval.phones import PHONE_LOOK_AHEAD
from autovoice_core.conversion.retrieval.substitution import (
    OWN_SHARE,
    STREAM_OWN_SHARE,
    Substitution,
)
from autovoice_core.conversion.retrieval.thinning import ThinnedFrames

MIN_SOURCE_FRAMES = 20
"""Voiced frames of the source below which its own mean and variance are not used."""

RIDGE = 0.05
"""Of the mean variance of shapes, see :func:`~.gaussians.transport`."""

_PRIOR_FRAMES = 100.0  # for which a singer is taken to scatter as the target does
_MIN_DEVIATION = 0.4  # of the target's
_SONG_VARIES, _VOWEL_VARIES = 0.7, 0.3  # a song, of speech's variation, and one held vowel
_SELECTED_SCALES = (0.7, 2.0)


@frozen(eq=False)
class SourceStatistics:
    """What is known of a source singer.

    Attributes
    ----------
    cepstra
        Mean and deviation of those of the voiced frames.
    selected
        Mean and deviation of the envelopes selected for them, without level, ``(1, POINTS)``.
    own
        The map of the singer's own shapes to the target's.
    """

    cepstra: tuple[Any, Any]
    selected: tuple[Any, Any]
    own: ShapeMap


@frozen(eq=False)
class VoiceMapping:
    """What turns the frames of a source into those of the target.

    Attributes
    ----------
    encoder, inventory, substitution
        What the source says; what there is to say it with; how that takes the source's place.
    target_deviation
        ``(1, POINTS)`` of the target's envelopes, without level.
    band
        Points of the axis on which shapes are mapped: those that all recordings have.
    target
        Statistics of the shapes' cepstra on these.
    """

    encoder: ContentEncoder
    inventory: Inventory
    substitution: Substitution
    target_deviation: Any
    band: int
    target: Gaussian

    @classmethod
    def prior(
        cls, exemplars: Exemplars, points: int, band: int, look_ahead: int = PHONE_LOOK_AHEAD
    ) -> VoiceMapping:
        """Return the mapping before anything is known of the source.

        Parameters
        ----------
        points
            Points of the axis that are compared.
        band
            Points of the axis that all recordings have.
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
        target = Gaussian.of(shape_cepstra(shapes, band))
        own = ShapeMap.between(target, target, band, RIDGE, mean)
        substitution = Substitution(
            exemplars,
            points,
            target_mean=mean,
            selected_mean=mean,
            selected_scale=xp.ones_like(mean),
            own=own,
            own_share=STREAM_OWN_SHARE if encoder.network is None else OWN_SHARE,
        )
        return cls(encoder, inventory, substitution, deviation, band, target)

    @classmethod
    def fit(
        cls,
        sample: ThinnedFrames,
        exemplars: Exemplars,
        sample_rate: int,
        kernels: ConversionKernels,
    ) -> VoiceMapping:
        """Return the mapping fitted to a sample of the song's voiced envelopes."""
        points, band = exemplars.comparable_points(sample_rate), exemplars.common_band(sample_rate)
        prior = cls.prior(exemplars, points, band)
        if sample.rows is None or len(sample.rows) < MIN_SOURCE_FRAMES:
            return prior
        source = asarray_like(prior.substitution.target_mean, sample.rows)
        coefficients = cepstra(source, prior.encoder.basis)
        mean, deviation = mean_and_deviation(coefficients)
        units = (coefficients - mean) / prior.deviation_floor(deviation)
        nearest, _ = kernels.nearest(units, prior.inventory.content.units, 1)
        selected = take_rows(exemplars.envelope, as_numpy(nearest)[:, 0])
        shapes, selected = (without_level(rows, points) for rows in (source, selected))
        xp = array_namespace(selected)
        selected_statistics = (
            xp.mean(selected, axis=0, keepdims=True),
            xp.std(selected, axis=0, keepdims=True),
        )
        singer = Gaussian.of(shape_cepstra(shapes, band))
        statistics = SourceStatistics((mean, deviation), selected_statistics, prior.own_map(singer))
        mapping = prior.with_source(statistics)
        posteriors = mapping.encoder.posteriors(units, sample.follows(), sample.spacing)
        return mapping.with_phones(posteriors, shapes, selected)

    def own_map(self, singer: Gaussian) -> ShapeMap:
        """Return the map of a singer's own shapes, by statistics of their cepstra."""
        known = singer.drawn_to(self.target.covariance, _PRIOR_FRAMES)
        like = self.substitution.target_mean
        return ShapeMap.between(known, self.target, self.band, RIDGE, like)

    def with_source(self, source: SourceStatistics) -> VoiceMapping:
        """Return this mapping, of which the source was not known, for a source."""
        prior = self.substitution
        xp = array_namespace(prior.target_mean)
        (mean, deviation), (selected_mean, selected_deviation) = source.cepstra, source.selected
        selected_scale = self.target_deviation / (selected_deviation + 1e-6)
        substitution = evolve(
            prior,
            selected_mean=selected_mean,
            selected_scale=xp.clip(selected_scale, *_SELECTED_SCALES),
            own=source.own,
        )
        encoder = evolve(self.encoder, mean=mean, deviation=self.deviation_floor(deviation))
        return evolve(self, encoder=encoder, substitution=substitution)

    def with_phones(self, posteriors: Any, shapes: Any, selected: Any) -> VoiceMapping:
        """Return this mapping with the target's accent, and its maps by phones.

        Parameters
        ----------
        posteriors, shapes, selected
            ``(frames, states)``, ``(frames, POINTS)`` of the source, and the shapes selected.
        """
        known, of_target = self.substitution, self.inventory.content.posteriors
        target = without_level(known.exemplars.envelope, known.points)
        own = shapes + known.own.change(shapes)
        accent = PhoneShapes.fit(of_target, target) - PhoneShapes.fit(posteriors, own)
        known = evolve(known, accent=accent)
        source = known.mixed(shapes, selected, posteriors), posteriors
        phones = PhoneMaps.fit(source, (target, of_target), self.band, RIDGE, _PRIOR_FRAMES)
        return evolve(self, substitution=evolve(known, phones=phones))

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
