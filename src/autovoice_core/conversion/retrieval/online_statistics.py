"""Statistics of a source singer, learnt while the song goes on."""

from __future__ import annotations

from copy import copy
from statistics import NormalDist
from typing import Any, Self

import numpy as np
from array_api_compat import array_namespace

from autovoice_core._arrays import as_numpy
from autovoice_core.conversion.retrieval.content import cepstra, mean_and_deviation
from autovoice_core.conversion.retrieval.exemplars import Exemplars
from autovoice_core.conversion.retrieval.frames import RecentRows
from autovoice_core.conversion.retrieval.mapping import (
    SOFT_QUANTILE,
    SourceStatistics,
    VoiceMapping,
)
from autovoice_core.conversion.retrieval.mel_axis import without_level

PRIOR_FRAMES, PROFILE_FRAMES = 50.0, 1000.0
"""Voiced frames that a prior counts for: that the singer sings as the target does, and as a
profile of the singer says."""

MEMORY_FRAMES = 6000.0
"""Voiced frames after which one more counts as much as each of those before, 60 s."""

RECENT_FRAMES = 300
"""Voiced frames that are kept, 3 s, to be learnt from again for a target of another band."""

_SOFT_DEVIATIONS = NormalDist().inv_cdf(SOFT_QUANTILE)


class OnlineStatistics:
    """The mapping to the target, fitted to what was sung so far.

    Parameters
    ----------
    prior
        The mapping before anything is known of the singer.
    singer
        Frames of the singer's own profile, if there is one.

    Attributes
    ----------
    mapping
        The mapping as known by now.
    """

    def __init__(self, prior: VoiceMapping, singer: Exemplars | None) -> None:
        self.prior = self.mapping = prior
        self._points, target_mean = prior.substitution.points, prior.substitution.target_mean
        sounds = prior.encoder.mean, prior.encoder.deviation
        shapes = target_mean, prior.target_deviation
        weight = PRIOR_FRAMES
        if singer is not None:
            rows, weight = singer.envelope, PROFILE_FRAMES
            sounds = mean_and_deviation(cepstra(rows, prior.encoder.basis))
            shapes = mean_and_deviation(without_level(rows, self._points))
        self._sounds = RunningMoments(*sounds, weight, MEMORY_FRAMES)
        self._shapes = RunningMoments(*shapes, weight, MEMORY_FRAMES)
        selected = target_mean, prior.target_deviation
        self._selected = RunningMoments(*selected, PRIOR_FRAMES, MEMORY_FRAMES)
        level = 0.0 * target_mean[:, :1]
        self._level = RunningMoments(level, level, 0.0, MEMORY_FRAMES)
        self._recent = RecentRows(RECENT_FRAMES)

    def add_source(self, envelope: Any, coefficients: Any) -> None:
        """Add voiced frames of the source, ``(frames, POINTS)``, and their cepstra."""
        shapes = without_level(envelope, self._points)
        self._recent.extend(envelope)
        self._sounds.add(coefficients)
        self._shapes.add(shapes)
        self._level.add((envelope - shapes)[:, :1])
        self._fit()

    def snapshot(self) -> Self:
        """Return what is known by now, for :meth:`take_over`; it does not grow."""
        taken = copy(self)
        for name in ("_sounds", "_shapes", "_selected", "_level", "_recent"):
            setattr(taken, name, copy(getattr(self, name)))
        return taken

    def take_over(self, earlier: OnlineStatistics) -> None:
        """Go on from what was known of the same singer, whatever the target was."""
        recent = earlier._recent.all()
        if recent is None:
            return
        if earlier._points != self._points:
            self.add_source(recent, cepstra(recent, self.prior.encoder.basis))
            return
        self._recent = copy(earlier._recent)
        self._sounds.take_over(earlier._sounds)
        self._shapes.take_over(earlier._shapes)
        self._level.take_over(earlier._level)
        own, other = (each.prior.substitution.target_mean for each in (self, earlier))
        if np.array_equal(as_numpy(own), as_numpy(other)):
            self._selected.take_over(earlier._selected)
        self._fit()

    def _fit(self) -> None:
        """Fit the mapping to what is known by now."""
        level, deviation = (float(value[0, 0]) for value in self._level.moments)
        statistics = SourceStatistics(
            self._sounds.moments,
            self._shapes.moments,
            self._selected.moments,
            level + _SOFT_DEVIATIONS * deviation,
        )
        self.mapping = self.prior.with_source(statistics)

    def add_selected(self, envelope: Any) -> None:
        """Add the exemplars ``(frames, POINTS)`` selected for voiced frames."""
        self._selected.add(without_level(envelope, self._points))


class RunningMoments:
    """Mean and deviation of rows that come one by one, from a prior on.

    Older rows are forgotten slowly, so that nothing that depends on them jumps.

    Parameters
    ----------
    mean, deviation
        ``(n,)`` or ``(1, n)``: the prior.
    weight
        Rows that the prior counts for.
    memory
        Rows after which one more counts as much as each of those before.
    """

    def __init__(self, mean: Any, deviation: Any, weight: float, memory: float) -> None:
        self._prior_mean, self._prior_square = mean, deviation * deviation
        self._weight, self._memory = weight, memory
        self._mean, self._square, self._count = mean, 0.0 * mean, 0

    def add(self, rows: Any) -> None:
        """Add ``(rows, n)``."""
        for i in range(rows.shape[0]):
            self._count += 1
            share = 1.0 / min(self._count, self._memory)
            difference = rows[i : i + 1, :] - self._mean
            self._mean = self._mean + share * difference
            self._square = (1.0 - share) * (self._square + share * difference * difference)

    def take_over(self, other: RunningMoments) -> None:
        """Go on from the rows that ``other`` was given, with the prior that is here."""
        self._mean, self._square, self._count = other._mean, other._square, other._count

    @property
    def moments(self) -> tuple[Any, Any]:
        """Mean and deviation by now, of the prior's shape; the deviation is never 0."""
        xp = array_namespace(self._mean)
        trust = self._count / (self._count + self._weight) if self._count else 0.0
        mean = self._prior_mean + trust * (self._mean - self._prior_mean)
        square = self._prior_square + trust * (self._square - self._prior_square)
        return mean, xp.sqrt(square) + 1e-3
