"""The target's frames put in the place of the source's."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import array_namespace
from attrs import frozen

from autovoice_core.conversion.retrieval.analysis import Frames
from autovoice_core.conversion.retrieval.cepstra import REST
from autovoice_core.conversion.retrieval.exemplars import Exemplars
from autovoice_core.conversion.retrieval.frames import (
    OVER_30_MS,
    OVER_50_MS,
    beside,
    hann,
    smoothed,
)
from autovoice_core.conversion.retrieval.mel_axis import POINTS
from autovoice_core.conversion.retrieval.phone_shapes import Accent
from autovoice_core.conversion.retrieval.shapes import below, level, level_free
from autovoice_core.conversion.retrieval.synthesis import on_axis
from autovoice_core.conversion.retrieval.unit_selection import Choice

SYLLABLE, BRIEF = 6, 4
"""Frames on either side within which a voice's own level moves as its recordings do; and where
little is known of what comes."""

_LIVELY = 1.0  # the most that moves the level, 4 dB
_SOFTEST = 2.76  # 12 dB below what is soft, the singer alone is heard
# Hellinger's distance, times a root of 2, at which recordings say what is said, and at which they
# say something else.
_ALIKE, _OTHER = 0.3, 1.0
# How far the singer's own band may be moved to fit the target's: -10 to 5 dB.
_STEP = (-2.3, 1.15)
# Points of the axis below the edge of the target's recordings where its level is compared with
# the source's.
_COMPARED, _LEFT_OUT = 14, 2


@frozen(eq=False)
class Placing:
    """How the source's frames give way to the target's.

    Attributes
    ----------
    exemplars, phones
        The target's frames, and the phones they say, where these are known.
    points
        Points of the axis that source and target both have.
    average
        ``(1, POINTS)`` mean of the target's envelopes, level apart.
    centre, spread
        ``(1, POINTS)`` mean of those that the song chooses, level apart, and how many times less
        they vary than the target's.
    singer, reach
        ``(1, POINTS)`` mean of the source's envelopes, level apart, and how many times less these
        vary than the target's.
    accent
        How otherwise the target shapes a phone than the source, moved to its mean and variance;
        none where that is not known.
    loud
        Level of the source below which its own articulation is heard.
    """

    exemplars: Exemplars
    phones: Any | None
    points: int
    average: Any
    centre: Any
    spread: Any
    singer: Any
    reach: Any
    accent: Accent | None = None
    loud: float = -math.inf

    def place(
        self,
        choice: Choice,
        source: Frames,
        phones: Any | None,
        rests: Any,
        *,
        over: tuple[float, ...] = hann(REST),
        syllable: int = BRIEF,
    ) -> Frames:
        """Return the target's frames that were chosen, at the source's level.

        Above the band of the target's recordings the source's own envelope and aperiodicity go
        on, at the level that fits.

        Parameters
        ----------
        phones
            ``(frames, states)`` that the source says; none where the accent is not known.
        rests
            ``(frames, 1)``: where the source rests, so does the result, averaged with weights
            ``over`` its neighbours, however the choice goes on.
        syllable
            Frames on either side within which the level moves as the recordings' does.
        """
        recorded = choice.of(self.exemplars.envelope)
        recorded = recorded + rests * (smoothed(recorded, over) - recorded)
        # Restores mean and global variance: T. Toda et al., IEEE TASLP 15 (2007).
        shape = self.average + (level_free(recorded, self.points) - self.centre) * self.spread
        own = self._own(choice, source.envelope, phones)
        shape = shape + own * (self._accented(source.envelope, phones) - shape)
        envelope = smoothed(shape, OVER_30_MS)
        share = on_axis(smoothed(choice.of(self.exemplars.aperiodicity), OVER_30_MS))

        xp = array_namespace(envelope)
        loudness = smoothed(level(source.envelope - envelope, self.points), OVER_50_MS)
        moving = level(recorded, self.points)
        lively = xp.clip(moving - smoothed(moving, hann(syllable)), -_LIVELY, _LIVELY)
        envelope = envelope + loudness + lively
        band = choice.of(self.exemplars.bandwidth)
        point = beside(envelope, np.arange(POINTS))[None, :]
        edge = xp.astype((point > band - _COMPARED) & (point < band - _LEFT_OUT), envelope.dtype)
        step = xp.sum((envelope - source.envelope) * edge, axis=1, keepdims=True)
        step = smoothed(step / xp.sum(edge, axis=1, keepdims=True), OVER_50_MS)
        above = source.envelope + xp.clip(step, *_STEP)
        target = below(envelope, band)
        envelope = target * envelope + (1.0 - target) * above
        return Frames(envelope, target * share + (1.0 - target) * on_axis(source.aperiodicity))

    def _own(self, choice: Choice, source: Any, phones: Any | None) -> Any:
        """Return how much of the singer's own shape is heard, ``(frames, 1)``.

        All of it where the singer is soft, for there consonants are, and where the recordings that
        were chosen say something else, if the accent is known.
        """
        xp = array_namespace(source)
        soft = xp.clip((self.loud - level(source, self.points)) / _SOFTEST, 0.0, 1.0)
        soft = smoothed(soft, OVER_30_MS)
        if self.accent is None:
            return soft
        away = phones - choice.of(self.phones)
        apart = xp.sqrt(xp.sum(away * away, axis=1, keepdims=True))
        other = xp.clip((apart - _ALIKE) / (_OTHER - _ALIKE), 0.0, 1.0)
        return xp.maximum(soft, smoothed(other, hann(3)))

    def _accented(self, source: Any, phones: Any | None) -> Any:
        """Return the source's own shapes as the target would make them, ``(frames, POINTS)``.

        They are moved to the target's mean and variance, and each phone to the target's.
        """
        moved = self.average + (level_free(source, self.points) - self.singer) * self.reach
        return moved if self.accent is None else moved + self.accent(phones)
