"""How the sounds of a singer correspond to those of the target."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import array_namespace
from attrs import evolve, frozen
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core.recipes.analysis import Frames
from autovoice_core.recipes.axis import POINTS
from autovoice_core.recipes.exemplars import Exemplars
from autovoice_core.recipes.features import (
    REST,
    averaged,
    cepstra,
    in_context,
    movement,
    resting,
    statistics,
)
from autovoice_core.recipes.kernels import ConversionKernels
from autovoice_core.recipes.matching import Choice, Inventory, choose
from autovoice_core.recipes.rows import OVER_30_MS, OVER_50_MS, beside, hann, smoothed, take_rows
from autovoice_core.recipes.singer import Singer
from autovoice_core.recipes.synthesis import on_axis

LEAST = 20
"""Voiced frames of the source below which its own mean and variance say nothing."""

_LEAST_VARIED = 0.4
_SONG, _VOWEL = 0.7, 0.3  # how much a song varies, beside speech, and one that is a single vowel
_SPREAD, _REACH = (0.7, 2.0), (0.6, 1.6)
# How far the singer's own band may be moved to fit the target's: -10 to 5 dB.
_STEP = (-2.3, 1.15)
# Within this time, in frames on either side, a voice's own level moves as its recordings do; and
# where little is known of what comes.
SYLLABLE, _BRIEF = 6, 4
_LIVELY = 1.0  # the most that moves the level, 4 dB
# The song's voiced frames softer than this quantile of it are said more and more by the singer,
# and those 12 dB below it by the singer alone.
SOFT, _SOFTEST = 0.6, 2.76
# Points of the axis below the edge of the target's recordings: where its level is compared with
# the source's, and over which the one passes into the other.
_COMPARED, _FADED, _LEFT_OUT = 14, 6, 2


@frozen(eq=False)
class Correspondence:
    """Finds what the target would sound like saying what the source says.

    Attributes
    ----------
    points
        Points of the axis that both have.
    mean, deviation
        Of the source's cepstra.
    scale
        Deviation of the target's cepstra.
    average, varied
        ``(1, POINTS)`` mean and deviation of the target's envelopes, level apart.
    centre, spread
        ``(1, POINTS)`` mean of those that the song chooses, level apart, and how many times less
        they vary than the target's.
    singer, reach
        ``(1, POINTS)`` mean of the source's envelopes, level apart, and how many times less these
        vary than the target's.
    loud
        Level of the source below which its own articulation is heard.
    colour
        ``(1, POINTS)`` mean envelope of the target less that of the source, level apart; 0 above
        the target's band.
    """

    exemplars: Exemplars
    inventory: Inventory
    points: int
    mean: Any
    deviation: Any
    scale: Any
    average: Any
    varied: Any
    centre: Any
    spread: Any
    singer: Any
    reach: Any
    loud: float
    colour: Any

    @classmethod
    def of(cls, exemplars: Exemplars, points: int) -> Correspondence:
        """Return what there is to say before anything is known of the source."""
        target = exemplars.envelope
        xp = array_namespace(target)
        coefficients = cepstra(target, points)
        mean, deviation = statistics(coefficients)
        units = (coefficients - mean) / deviation
        references = in_context(units, exemplars.follows)
        inventory = Inventory(references, units, exemplars.follows, movement(units))
        shapes = level_free(target, points)
        average = xp.mean(shapes, axis=0, keepdims=True)
        varied = xp.std(shapes, axis=0, keepdims=True)
        ones, zeros = xp.ones_like(average), xp.zeros_like(average)
        return cls(
            exemplars,
            inventory,
            points,
            mean,
            deviation,
            deviation,
            average,
            varied,
            centre=average,
            spread=ones,
            singer=average,
            reach=ones,
            loud=-math.inf,
            colour=zeros,
        )

    @classmethod
    def between(
        cls,
        source: NDArray[np.float32],
        exemplars: Exemplars,
        sample_rate: int,
        kernels: ConversionKernels,
    ) -> Correspondence:
        """Compare a sample of the song's voiced envelopes ``(frames, POINTS)`` with the target."""
        known = cls.of(exemplars, exemplars.comparable_points(sample_rate))
        if source.shape[0] < LEAST:
            return known
        xp = array_namespace(known.average)
        sung = beside(known.average, source)
        coefficients = cepstra(sung, known.points)
        mean, own = statistics(coefficients)
        deviation = known.least(own)
        nearest, _ = kernels.nearest((coefficients - mean) / deviation, known.inventory.units, 1)
        chosen = take_rows(exemplars.envelope, as_numpy(nearest)[:, 0])
        shapes = [level_free(rows, known.points) for rows in (sung, chosen)]
        own_shapes, their_shapes = (
            (xp.mean(rows, axis=0, keepdims=True), xp.std(rows, axis=0, keepdims=True))
            for rows in shapes
        )
        loud = float(np.quantile(source[:, : known.points].mean(axis=1), SOFT))
        return known.knowing(Singer((mean, own), own_shapes, their_shapes, loud))

    def knowing(self, singer: Singer) -> Correspondence:
        """Return this, told of a singer of whom nothing was known."""
        xp = array_namespace(self.average)
        (mean, own), (shape, reach), (centre, spread) = singer.cepstra, singer.shapes, singer.chosen
        band = float(np.min(as_numpy(self.exemplars.bandwidth)))
        edge = beside(self.average, [[band]])
        return evolve(
            self,
            mean=mean,
            deviation=self.least(own),
            centre=centre,
            spread=xp.clip(self.varied / (spread + 1e-6), *_SPREAD),
            singer=shape,
            reach=xp.clip(self.varied / (reach + 1e-6), *_REACH),
            loud=singer.loud,
            colour=(self.average - shape) * _below(self.average, edge),
        )

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
        """Return the target's frames in place of the source's, at the source's level.

        Above the band of the target's recordings the source's own envelope and aperiodicity go
        on, at the level that fits. Aperiodicity is on the axis.
        """
        sounds = (cepstra(source.envelope, self.points) - self.mean) / self.scale
        rests = resting(sounds, active)
        sounds = sounds + rests * (averaged(sounds, active) - sounds)
        queries = sounds * (self.scale / self.deviation)
        follows = active & np.append(False, active[:-1])
        said = in_context(queries, follows)
        choice = choose(self.inventory, said, movement(queries), active, first, kernels)
        rests = rests * beside(rests, active)[:, None]
        return self.place(choice, source, rests, syllable=SYLLABLE)

    def place(
        self,
        choice: Choice,
        source: Frames,
        rests: Any,
        *,
        over: tuple[float, ...] = hann(REST),
        syllable: int = _BRIEF,
    ) -> Frames:
        """Return the target's frames that were chosen, in the place of the source's.

        Where the source rests, ``(frames, 1)``, so does the result, averaged with weights ``over``
        its neighbours, however the choice goes on.
        Its level moves as its recordings do within ``syllable`` frames on either side.
        """
        recorded = choice.of(self.exemplars.envelope)
        recorded = recorded + rests * (smoothed(recorded, over) - recorded)
        # Restores mean and global variance: T. Toda et al., IEEE TASLP 15 (2007).
        shape = self.average + (level_free(recorded, self.points) - self.centre) * self.spread
        envelope = smoothed(self._articulated(shape, source.envelope), OVER_30_MS)
        share = on_axis(smoothed(choice.of(self.exemplars.aperiodicity), OVER_30_MS))

        xp = array_namespace(envelope)
        level = smoothed(_level(source.envelope - envelope, self.points), OVER_50_MS)
        own_level = _level(recorded, self.points)
        lively = xp.clip(own_level - smoothed(own_level, hann(syllable)), -_LIVELY, _LIVELY)
        envelope = envelope + level + lively
        band = choice.of(self.exemplars.bandwidth)
        point = beside(envelope, np.arange(POINTS))[None, :]
        edge = xp.astype((point > band - _COMPARED) & (point < band - _LEFT_OUT), envelope.dtype)
        step = xp.sum((envelope - source.envelope) * edge, axis=1, keepdims=True)
        step = smoothed(step / xp.sum(edge, axis=1, keepdims=True), OVER_50_MS)
        own = source.envelope + xp.clip(step, *_STEP)
        target = _below(envelope, band)
        envelope = target * envelope + (1.0 - target) * own
        return Frames(envelope, target * share + (1.0 - target) * on_axis(source.aperiodicity))

    def _articulated(self, shape: Any, source: Any) -> Any:
        """Let the source's own shape be heard where it is soft: there consonants are.

        It is moved to the target's mean and variance.
        """
        xp = array_namespace(shape)
        own = self.average + (level_free(source, self.points) - self.singer) * self.reach
        soft = xp.clip((self.loud - _level(source, self.points)) / _SOFTEST, 0.0, 1.0)
        return shape + smoothed(soft, OVER_30_MS) * (own - shape)


def _level(envelope: Any, points: int) -> Any:
    xp = array_namespace(envelope)
    return xp.mean(envelope[:, :points], axis=1, keepdims=True)


def level_free(envelope: Any, points: int) -> Any:
    """Return envelopes less their levels, the means of the lowest ``points``."""
    return envelope - _level(envelope, points)


def _below(like: Any, band: Any) -> Any:
    """Return 1 for points below the edge ``band`` ``(rows, 1)``, fading to 0 towards it."""
    xp = array_namespace(like)
    point = beside(like, np.arange(POINTS))[None, :]
    return xp.clip((band - point) / _FADED, 0.0, 1.0)
