"""Substitution of the source's frames by those of the target that were selected."""

from __future__ import annotations

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
from autovoice_core.conversion.retrieval.gaussians import ShapeMap
from autovoice_core.conversion.retrieval.mel_axis import (
    POINTS,
    band_weights,
    level,
    without_level,
)
from autovoice_core.conversion.retrieval.phone_maps import PhoneMaps
from autovoice_core.conversion.retrieval.phone_shapes import PhoneShapes
from autovoice_core.conversion.retrieval.unit_selection import Selection

OWN_SHARE, STREAM_OWN_SHARE = 0.78, 0.5
"""Share of the source's own shape in what is sung; the rest is of the recordings. More of it loses
likeness, less of it words. In a stream, where phones are not known, a map makes less of it."""

_MAX_CHANGE = 6.0  # of a shape: 26 dB
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
    exemplars
        The target's frames.
    points
        Points of the axis that source and target have in common.
    target_mean
        ``(1, POINTS)`` mean of the target's envelopes, without level.
    selected_mean, selected_scale
        ``(1, POINTS)`` mean of the exemplars that the song selects, without level, and by what
        their deviations are multiplied to be the target's.
    own, own_share
        The map of the source's own shapes to the target's, and their share in what is sung.
    accent
        What the target's shapes of phones have over the source's that were mapped.
    phones
        Maps of the mixture of own and selected shapes, by phones. Neither is known where phones
        are not.
    """

    exemplars: Exemplars
    points: int
    target_mean: Any
    selected_mean: Any
    selected_scale: Any
    own: ShapeMap
    own_share: float = OWN_SHARE
    accent: PhoneShapes | None = None
    phones: PhoneMaps | None = None

    def substitute(
        self,
        source: VoiceFrames,
        selection: Selection,
        *,
        rest_weights: tuple[float, ...] = hann(REST_REACH),
    ) -> VoiceFrames:
        """Return what the target sings, at the source's level.

        Above the band of the target's recordings the source's own envelope and aperiodicity
        continue, at the level that fits.

        Parameters
        ----------
        source
            The source's frames; their aperiodicity is in bands, that of the result on the axis.
        rest_weights
            Weights of neighbours where the source rests: so does the result, whatever the
            selection does.
        """
        rests, posteriors = selection.rests, selection.posteriors
        recorded, own = (
            without_level(envelope, self.points)
            for envelope in (selection.crossfaded(self.exemplars.envelope), source.envelope)
        )
        shape = self.mixed(own, recorded, posteriors)
        if self.phones is not None:
            shares = smoothed(self.phones.memberships(posteriors), SMOOTH_30_MS)
            shares = shares + rests * (smoothed(shares, rest_weights) - shares)
            shape = self.phones(shape, shares)
        xp = array_namespace(shape)
        # Sounds unlike any that the maps were fitted to would be thrown far.
        shape = own + xp.clip(shape - own, -_MAX_CHANGE, _MAX_CHANGE)
        envelope = shape + rests * (smoothed(shape, rest_weights) - shape)
        bands = smoothed(selection.crossfaded(self.exemplars.aperiodicity), SMOOTH_30_MS)
        aperiodicity = aperiodicity_on_axis(bands)

        source_level = level(source.envelope - envelope, self.points)
        envelope = envelope + smoothed(source_level, SMOOTH_50_MS)

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

    def mixed(self, own: Any, recorded: Any, posteriors: Any | None) -> Any:
        """Return the source's own shapes, as the target would make them, and recorded ones, mixed.

        Shape: ``(frames, POINTS)`` twice, ``(frames, states)`` -> ``(frames, POINTS)``.
        """
        # Restores mean and global variance: T. Toda et al., IEEE TASLP 15 (2007).
        recorded = self.target_mean + (recorded - self.selected_mean) * self.selected_scale
        own = own + self.own.change(own)
        if self.accent is not None:
            own = own + self.accent(posteriors)
        return recorded + self.own_share * (own - recorded)
