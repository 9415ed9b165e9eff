"""How the sounds of a singer correspond to those of the target."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace
from attrs import evolve, frozen
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core.conversion.retrieval.analysis import Frames
from autovoice_core.conversion.retrieval.cepstra import (
    averaged,
    cepstra,
    movement,
    resting,
    statistics,
    successors,
)
from autovoice_core.conversion.retrieval.content import Hearing
from autovoice_core.conversion.retrieval.exemplars import Exemplars
from autovoice_core.conversion.retrieval.frames import beside, take_rows
from autovoice_core.conversion.retrieval.kernels import ConversionKernels
from autovoice_core.conversion.retrieval.phone_shapes import Accent
from autovoice_core.conversion.retrieval.phones import LOOKS_AHEAD
from autovoice_core.conversion.retrieval.shapes import below, level_free
from autovoice_core.conversion.retrieval.singer import Singer
from autovoice_core.conversion.retrieval.substitution import SYLLABLE, Placing
from autovoice_core.conversion.retrieval.thinning import Reservoir
from autovoice_core.conversion.retrieval.unit_selection import Inventory, choose

LEAST = 20
"""Voiced frames of the source below which its own mean and variance say nothing."""

SOFT = 0.6
"""Quantile of the song's voiced frames below which the singer's own shape is heard."""

_LEAST_VARIED = 0.4
_SONG, _VOWEL = 0.7, 0.3  # how much a song varies, beside speech, and one that is a single vowel
_SPREAD, _REACH = (0.7, 2.0), (0.6, 1.6)


@frozen(eq=False)
class Correspondence:
    """Finds what the target would sound like saying what the source says.

    Attributes
    ----------
    hearing
        Tells what is said.
    inventory
        What there is to choose from.
    placing
        How what is chosen takes the source's place.
    mean, deviation
        Of the source's cepstra.
    scale
        Deviation of the target's cepstra.
    varied
        ``(1, POINTS)`` deviation of the target's envelopes, level apart.
    colour
        ``(1, POINTS)`` mean envelope of the target less that of the source, level apart; 0 above
        the target's band.
    """

    hearing: Hearing
    inventory: Inventory
    placing: Placing
    mean: Any
    deviation: Any
    scale: Any
    varied: Any
    colour: Any

    @classmethod
    def of(cls, exemplars: Exemplars, points: int, ahead: int = LOOKS_AHEAD) -> Correspondence:
        """Return what there is to say before anything is known of the source.

        ``points`` of the axis are compared, and frames by at most ``ahead`` to come.
        """
        target, follows = exemplars.envelope, exemplars.follows
        xp = array_namespace(target)
        coefficients = cepstra(target, points)
        mean, deviation = statistics(coefficients)
        units = (coefficients - mean) / deviation
        hearing = Hearing(units, follows, ahead)
        said = hearing.target
        inventory = Inventory(said.features, units, follows, movement(units))
        shapes = level_free(target, points)
        average = xp.mean(shapes, axis=0, keepdims=True)
        varied = xp.std(shapes, axis=0, keepdims=True)
        ones, zeros = xp.ones_like(average), xp.zeros_like(average)
        placing = Placing(
            exemplars,
            said.phones,
            points,
            average,
            centre=average,
            spread=ones,
            singer=average,
            reach=ones,
        )
        return cls(hearing, inventory, placing, mean, deviation, deviation, varied, zeros)

    @classmethod
    def between(
        cls,
        seen: Reservoir,
        exemplars: Exemplars,
        sample_rate: int,
        kernels: ConversionKernels,
    ) -> Correspondence:
        """Compare a sample of the song's voiced envelopes with the target."""
        known = cls.of(exemplars, exemplars.comparable_points(sample_rate))
        if seen.rows is None or len(seen.rows) < LEAST:
            return known
        points, average = known.placing.points, known.placing.average
        xp = array_namespace(average)
        sung = beside(average, seen.rows)
        coefficients = cepstra(sung, points)
        mean, own = statistics(coefficients)
        units = (coefficients - mean) / known.least(own)
        nearest, _ = kernels.nearest(units, known.inventory.units, 1)
        chosen = take_rows(exemplars.envelope, as_numpy(nearest)[:, 0])
        shapes = [level_free(rows, points) for rows in (sung, chosen)]
        own_shapes, their_shapes = (
            (xp.mean(rows, axis=0, keepdims=True), xp.std(rows, axis=0, keepdims=True))
            for rows in shapes
        )
        loud = float(np.quantile(seen.rows[:, :points].mean(axis=1), SOFT))
        known = known.knowing(Singer((mean, own), own_shapes, their_shapes, loud))
        phones = known.hearing.phones(units, seen.follows(), seen.spacing)
        return known.hearing_accent(phones, shapes[0])

    def knowing(self, singer: Singer) -> Correspondence:
        """Return this, told of a singer of whom nothing was known."""
        average, exemplars = self.placing.average, self.placing.exemplars
        xp = array_namespace(average)
        (mean, own), (shape, reach), (centre, spread) = singer.cepstra, singer.shapes, singer.chosen
        band = float(np.min(as_numpy(exemplars.bandwidth)))
        placing = evolve(
            self.placing,
            centre=centre,
            spread=xp.clip(self.varied / (spread + 1e-6), *_SPREAD),
            singer=shape,
            reach=xp.clip(self.varied / (reach + 1e-6), *_REACH),
            loud=singer.loud,
        )
        return evolve(
            self,
            placing=placing,
            mean=mean,
            deviation=self.least(own),
            colour=(average - shape) * below(average, beside(average, [[band]])),
        )

    def hearing_accent(self, phones: Any, shapes: Any) -> Correspondence:
        """Return this, told how the singer shapes phones: ``(frames, states)`` and envelopes."""
        placing = self.placing
        target = level_free(placing.exemplars.envelope, placing.points)
        moved = placing.average + (shapes - placing.singer) * placing.reach
        accent = Accent.of(placing.phones, target) - Accent.of(phones, moved)
        return evolve(self, placing=evolve(placing, accent=accent))

    def least(self, deviation: Any) -> Any:
        """Return the deviation to divide by, for a singer of whom nothing was known.

        A song of few sounds varies little: its vibrato must not pass for syllables. The less it
        varies, the more of the target's deviation is the least.
        """
        xp = array_namespace(deviation)
        varies = xp.sqrt(xp.mean((deviation / self.scale) ** 2))
        one_sound = xp.clip((_SONG - varies) / (_SONG - _VOWEL), 0.0, 1.0)
        least = _LEAST_VARIED + (1.0 - _LEAST_VARIED) * one_sound
        return xp.maximum(deviation, least * self.scale)

    def find(
        self,
        source: Frames,
        active: NDArray[np.bool_],
        first: int,
        kernels: ConversionKernels,
    ) -> Frames:
        """Return the target's frames in place of the source's, as :class:`Placing` does."""
        sounds = (cepstra(source.envelope, self.placing.points) - self.mean) / self.scale
        rests = resting(sounds, active)
        sounds = sounds + rests * (averaged(sounds, active) - sounds)
        queries = sounds * (self.scale / self.deviation)
        said = self.hearing.of(queries, successors(active))
        choice = choose(self.inventory, said.features, movement(queries), active, first, kernels)
        rests = rests * beside(rests, active)[:, None]
        return self.placing.place(choice, source, said.phones, rests, syllable=SYLLABLE)
