"""Statistics of a source singer, learnt while the song goes on."""

from __future__ import annotations

from copy import copy
from typing import Any, Self

import numpy as np
from array_api_compat import array_namespace
from attrs import evolve
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core.conversion.retrieval.content import cepstra, mean_and_deviation
from autovoice_core.conversion.retrieval.exemplars import LEVEL_POINTS, Exemplars
from autovoice_core.conversion.retrieval.frames import RecentRows
from autovoice_core.conversion.retrieval.gaussians import Gaussian, ShapeMap, shape_cepstra
from autovoice_core.conversion.retrieval.mapping import SourceStatistics, VoiceMapping
from autovoice_core.conversion.retrieval.mel_axis import POINTS, without_level
from autovoice_core.conversion.retrieval.unvoiced import UnvoicedMap, loud_enough, peak

PRIOR_FRAMES, PROFILE_FRAMES = 50.0, 1000.0
"""Voiced frames that a prior counts for: that the singer sings as the target does, and as a
profile of the singer says."""

MEMORY_FRAMES = 6000.0
"""Voiced frames after which one more counts as much as each of those before, 60 s."""

RECENT_FRAMES = 300
"""Voiced frames that are kept, 3 s, to be learnt from again for a target of another band."""

REFRESH_FRAMES = 100.0
"""Frames after which a map is fitted anew at the latest; at first when there are a quarter more."""

_APPROACH = 0.05  # of the way to the newest map, whenever frames are added: 0.4 s


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
        sounds, weight = (prior.encoder.mean, prior.encoder.deviation), PRIOR_FRAMES
        self._singer = evolve(prior.target, frames=PRIOR_FRAMES)
        self._hiss = None
        if singer is not None:
            rows, weight = singer.envelope, PROFILE_FRAMES
            sounds = mean_and_deviation(cepstra(rows, prior.encoder.basis))
            self._singer = evolve(Gaussian.of(self._shape_cepstra(rows)), frames=PROFILE_FRAMES)
            self._hiss = singer.unvoiced
        self._sounds = RunningMoments(*sounds, weight, MEMORY_FRAMES)
        selected = target_mean, prior.target_deviation
        self._selected = RunningMoments(*selected, PRIOR_FRAMES, MEMORY_FRAMES)
        self._recent, self._loudest = RecentRows(RECENT_FRAMES), -np.inf
        self._heard: Gaussian | None = None
        self._own = GlidingMap(prior.own_map(self._singer))
        count = len(prior.target.mean)
        still = ShapeMap.affine(np.eye(count), np.zeros(count), prior.band, target_mean)
        self._unvoiced = GlidingMap(still)
        self._aim_unvoiced()

    @property
    def unvoiced(self) -> UnvoicedMap:
        """What unvoiced sound becomes."""
        return UnvoicedMap.within(
            self._unvoiced.map, self._points, self.prior.band, self.prior.substitution.target_mean
        )

    def add_source(self, envelope: Any, coefficients: Any) -> None:
        """Add voiced frames of the source, ``(frames, POINTS)``, and their cepstra."""
        self._recent.extend(envelope)
        self._sounds.add(coefficients)
        self._loudest = max(self._loudest, float(peak(as_numpy(envelope), LEVEL_POINTS).max()))
        self._heard = _with_recent(self._heard, self._shape_cepstra(envelope))
        self._fit()

    def add_unvoiced(self, envelope: Any) -> None:
        """Add unvoiced frames of the source, ``(frames, POINTS)``; too quiet ones are left out."""
        rows = as_numpy(envelope)
        rows = rows[loud_enough(rows, self._loudest, POINTS)]
        if len(rows):
            self._hiss = _with_recent(self._hiss, rows)
            self._aim_unvoiced()
            self._unvoiced.approach()

    def snapshot(self) -> Self:
        """Return what is known by now, for :meth:`take_over`; it does not grow."""
        taken = copy(self)
        for name in ("_sounds", "_selected", "_recent", "_own", "_unvoiced"):
            setattr(taken, name, copy(getattr(self, name)))
        return taken

    def take_over(self, earlier: OnlineStatistics) -> None:
        """Go on from what was known of the same singer, whatever the target was."""
        recent = earlier._recent.all()
        if recent is None:
            return
        self._loudest, self._hiss = earlier._loudest, earlier._hiss or self._hiss
        self._aim_unvoiced()
        self._unvoiced.arrive()
        same_points = earlier._points == self._points
        if not same_points or earlier.prior.band != self.prior.band:
            self.add_source(recent, cepstra(recent, self.prior.encoder.basis))
        else:
            self._recent = copy(earlier._recent)
            self._sounds.take_over(earlier._sounds)
            self._heard = earlier._heard
            own, other = (each.prior.substitution.target_mean for each in (self, earlier))
            if np.array_equal(as_numpy(own), as_numpy(other)):
                self._selected.take_over(earlier._selected)
            self._fit()
        self._own.arrive()
        self._fit()

    def add_selected(self, envelope: Any) -> None:
        """Add the exemplars ``(frames, POINTS)`` selected for voiced frames."""
        self._selected.add(without_level(envelope, self._points))

    def _fit(self) -> None:
        """Fit the mapping to what is known by now."""
        heard = self._heard
        if heard is not None and self._own.is_due(heard.frames):
            self._own.aim(self.prior.own_map(self._singer.joined(heard)), heard.frames)
        self._own.approach()
        statistics = SourceStatistics(self._sounds.moments, self._selected.moments, self._own.map)
        self.mapping = self.prior.with_source(statistics)

    def _aim_unvoiced(self) -> None:
        hiss, target = self._hiss, self.prior.substitution.exemplars.unvoiced
        if hiss is not None and target is not None and self._unvoiced.is_due(hiss.frames):
            like = self.prior.substitution.target_mean
            found = UnvoicedMap.fit(hiss, target, self._points, self.prior.band, like)
            self._unvoiced.aim(found.shapes, hiss.frames)

    def _shape_cepstra(self, envelope: Any) -> NDArray[Any]:
        return shape_cepstra(without_level(envelope, self._points), self.prior.band)


class GlidingMap:
    """A map that is fitted anew now and then, and goes over to the newest one gradually."""

    def __init__(self, first: ShapeMap) -> None:
        self.map = self._newest = first
        self._fitted_to = 0.0

    def is_due(self, frames: float) -> bool:
        """Return whether so many frames are enough more than at the last fit."""
        return frames - self._fitted_to >= min(REFRESH_FRAMES, 0.25 * self._fitted_to)

    def aim(self, newest: ShapeMap, frames: float) -> None:
        """Set the map to go over to, and the frames that it was fitted to."""
        self._newest, self._fitted_to = newest, frames

    def approach(self) -> None:
        """Go part of the way."""
        self.map = self.map.nearer(self._newest, _APPROACH)

    def arrive(self) -> None:
        """Go all of the way."""
        self.map = self._newest


def _with_recent(known: Gaussian | None, rows: NDArray[Any]) -> Gaussian:
    if known is None:
        return Gaussian.of(rows)
    return known.with_recent(rows, MEMORY_FRAMES)


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
