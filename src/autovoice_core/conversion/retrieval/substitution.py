"""Substitution of the source's frames by those of the target that were selected."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import array_namespace
from attrs import frozen

from autovoice_core.conversion.retrieval.analysis import VoiceFrames
from autovoice_core.conversion.retrieval.aperiodicity import aperiodicity_on_axis
from autovoice_core.conversion.retrieval.content import REST_REACH
from autovoice_core.conversion.retrieval.exemplars import Exemplars
from autovoice_core.conversion.retrieval.frames import (
    SMOOTH_30_MS,
    SMOOTH_50_MS,
    asarray_like,
    hann,
    smoothed,
)
from autovoice_core.conversion.retrieval.mel_axis import (
    POINTS,
    band_weights,
    level,
    without_level,
)
from autovoice_core.conversion.retrieval.phone_shapes import PhoneShapes
from autovoice_core.conversion.retrieval.unit_selection import Selection

LEVEL_REACH, STREAM_LEVEL_REACH = 6, 4
"""Frames on either side within which a voice's level moves as its recordings' does: in a song, and
in a stream."""

_MAX_LEVEL_MOVEMENT = 1.0  # of that level: 4 dB
_SOFT_RANGE = 2.76  # 12 dB below its soft level the source keeps its own shape
# Hellinger's distance, times a root of 2, up to which recordings say what the source says, and
# from which they say something else.
_SAME_PHONE, _OTHER_PHONE = 0.3, 1.0
# How far the source's own upper band may be moved to fit the target's: -10 to 5 dB.
_STEP_RANGE = (-2.3, 1.15)
# Points of the axis below the edge of the target's recordings where its level is compared with
# the source's.
_EDGE_POINTS, _EDGE_MARGIN = 14, 2


@frozen(eq=False)
class Substitution:
    """The mapping of envelopes from source to target.

    Attributes
    ----------
    exemplars, posteriors
        The target's frames, and the root posteriors of their phones, where these are known.
    points
        Points of the axis that source and target have in common.
    target_mean
        ``(1, POINTS)`` mean of the target's envelopes, without level.
    selected_mean, selected_scale
        ``(1, POINTS)`` mean of the exemplars that the song selects, without level, and by what
        their deviations are multiplied to be the target's.
    source_mean, source_scale
        The same of the source's envelopes.
    accent
        What the target's shapes of phones have over the source's, once these are moved to the
        target's mean and variance; none where that is not known.
    soft_level
        Level of the source below which it keeps its own shape.
    """

    exemplars: Exemplars
    posteriors: Any | None
    points: int
    target_mean: Any
    selected_mean: Any
    selected_scale: Any
    source_mean: Any
    source_scale: Any
    accent: PhoneShapes | None = None
    soft_level: float = -math.inf

    def substitute(
        self,
        source: VoiceFrames,
        selection: Selection,
        *,
        rest_weights: tuple[float, ...] = hann(REST_REACH),
        level_reach: int = LEVEL_REACH,
    ) -> VoiceFrames:
        """Return the target's frames that were selected, at the source's level.

        Above the band of the target's recordings the source's own envelope and aperiodicity
        continue, at the level that fits.

        Parameters
        ----------
        source
            The source's frames; their aperiodicity is in bands, that of the result on the axis.
        rest_weights
            Weights of neighbours where the source rests: so does the result, whatever the
            selection does.
        level_reach
            Frames on either side within which the level moves as the recordings' does.
        """
        recorded = selection.crossfaded(self.exemplars.envelope)
        recorded = recorded + selection.rests * (smoothed(recorded, rest_weights) - recorded)
        # Restores mean and global variance: T. Toda et al., IEEE TASLP 15 (2007).
        centred = without_level(recorded, self.points) - self.selected_mean
        shape = self.target_mean + centred * self.selected_scale
        own_share = self._own_share(source.envelope, selection)
        own_shape = self._own_shape(source.envelope, selection)
        envelope = smoothed(shape + own_share * (own_shape - shape), SMOOTH_30_MS)
        bands = smoothed(selection.crossfaded(self.exemplars.aperiodicity), SMOOTH_30_MS)
        aperiodicity = aperiodicity_on_axis(bands)

        xp = array_namespace(envelope)
        source_level = smoothed(level(source.envelope - envelope, self.points), SMOOTH_50_MS)
        own_level = level(recorded, self.points)
        moving = own_level - smoothed(own_level, hann(level_reach))
        moving = xp.clip(moving, -_MAX_LEVEL_MOVEMENT, _MAX_LEVEL_MOVEMENT)
        envelope = envelope + source_level + moving

        band = selection.crossfaded(self.exemplars.bandwidth)
        point = asarray_like(envelope, np.arange(POINTS))[None, :]
        edge = (point > band - _EDGE_POINTS) & (point < band - _EDGE_MARGIN)
        edge = xp.astype(edge, envelope.dtype)
        step = xp.sum((envelope - source.envelope) * edge, axis=1, keepdims=True)
        step = smoothed(step / xp.sum(edge, axis=1, keepdims=True), SMOOTH_50_MS)
        above = source.envelope + xp.clip(step, *_STEP_RANGE)
        target = band_weights(envelope, band)
        return VoiceFrames(
            target * envelope + (1.0 - target) * above,
            target * aperiodicity + (1.0 - target) * aperiodicity_on_axis(source.aperiodicity),
        )

    def _own_share(self, source: Any, selection: Selection) -> Any:
        """Return how much of the source's own shape is kept, ``(frames, 1)``.

        All of it where the source is soft, for there consonants are, and where the recordings that
        were selected say something else, if the accent is known.
        """
        xp = array_namespace(source)
        soft = xp.clip((self.soft_level - level(source, self.points)) / _SOFT_RANGE, 0.0, 1.0)
        soft = smoothed(soft, SMOOTH_30_MS)
        if self.accent is None:
            return soft
        difference = selection.posteriors - selection.crossfaded(self.posteriors)
        distance = xp.sqrt(xp.sum(difference * difference, axis=1, keepdims=True))
        other = xp.clip((distance - _SAME_PHONE) / (_OTHER_PHONE - _SAME_PHONE), 0.0, 1.0)
        return xp.maximum(soft, smoothed(other, hann(3)))

    def _own_shape(self, source: Any, selection: Selection) -> Any:
        """Return the source's own shapes as the target would make them, ``(frames, POINTS)``.

        They are moved to the target's mean and variance, and each phone to the target's.
        """
        centred = without_level(source, self.points) - self.source_mean
        moved = self.target_mean + centred * self.source_scale
        return moved if self.accent is None else moved + self.accent(selection.posteriors)
