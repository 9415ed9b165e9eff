"""Getting to know a singer while the song goes on."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

from array_api_compat import array_namespace

from autovoice_core.conversion.retrieval.cepstra import cepstra, statistics
from autovoice_core.conversion.retrieval.exemplars import Exemplars
from autovoice_core.conversion.retrieval.mapping import SOFT, Correspondence
from autovoice_core.conversion.retrieval.shapes import level_free
from autovoice_core.conversion.retrieval.singer import Singer

GUESS, TRUST = 50.0, 1000.0
"""Voiced frames that two guesses count for: that the singer sings as the target does, and as a
profile of the singer says."""

MEMORY = 6000.0
"""Voiced frames after which one more counts as much as each of those before, 60 s."""

_LOUD = NormalDist().inv_cdf(SOFT)


class Habits:
    """How the singer sings, as far as it was heard, against the target."""

    def __init__(self, base: Correspondence, singer: Exemplars | None) -> None:
        self.base = self.known = base
        average, points = base.placing.average, base.placing.points
        sounds, shapes = (base.mean, base.deviation), (average, base.varied)
        trust = GUESS
        if singer is not None:
            rows, trust = singer.envelope, TRUST
            sounds = statistics(cepstra(rows, points))
            shapes = statistics(level_free(rows, points))
        self._sounds = RunningMoments(*sounds, trust, MEMORY)
        self._shapes = RunningMoments(*shapes, trust, MEMORY)
        self._chosen = RunningMoments(average, base.varied, GUESS, MEMORY)
        level = 0.0 * average[:, :1]
        self._level = RunningMoments(level, level, 0.0, MEMORY)

    def hear(self, envelope: Any, sounds: Any) -> None:
        """Take in voiced frames ``(frames, POINTS)`` and their cepstra."""
        shapes = level_free(envelope, self.base.placing.points)
        self._sounds.add(sounds)
        self._shapes.add(shapes)
        self._level.add((envelope - shapes)[:, :1])
        level, varied = (float(value[0, 0]) for value in self._level.moments)
        heard = Singer(
            self._sounds.moments,
            self._shapes.moments,
            self._chosen.moments,
            level + _LOUD * varied,
        )
        self.known = self.base.knowing(heard)

    def choose(self, envelope: Any) -> None:
        """Take in what was chosen for voiced frames."""
        self._chosen.add(level_free(envelope, self.base.placing.points))


class RunningMoments:
    """Mean and deviation of rows that come one by one, from a guess on.

    The older half of what was heard is forgotten slowly, so that nothing that hangs on it jumps.

    Parameters
    ----------
    mean, deviation
        ``(n,)`` or ``(1, n)``: the guess.
    weight
        Rows that the guess counts for.
    memory
        Rows after which one more counts as much as each of those before.
    """

    def __init__(self, mean: Any, deviation: Any, weight: float, memory: float) -> None:
        self._guess, self._guessed_square = mean, deviation * deviation
        self._weight, self._memory = weight, memory
        self._mean, self._square, self._count = mean, 0.0 * mean, 0

    def add(self, rows: Any) -> None:
        """Take in ``(rows, n)``."""
        for i in range(rows.shape[0]):
            self._count += 1
            share = 1.0 / min(self._count, self._memory)
            away = rows[i : i + 1, :] - self._mean
            self._mean = self._mean + share * away
            self._square = (1.0 - share) * (self._square + share * away * away)

    @property
    def moments(self) -> tuple[Any, Any]:
        """Mean and deviation by now, of the guess's shape; the deviation is never 0."""
        xp = array_namespace(self._mean)
        trust = self._count / (self._count + self._weight) if self._count else 0.0
        mean = self._guess + trust * (self._mean - self._guess)
        square = self._guessed_square + trust * (self._square - self._guessed_square)
        return mean, xp.sqrt(square) + 1e-3
