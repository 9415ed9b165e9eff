"""The path through the target's recordings, found while the source is still going on.

As in :mod:`autovoice_core.conversion.retrieval.unit_selection`, but context and candidates reach mostly backwards,
and a frame's choice is made a few frames after it, on the path that is best by then and goes on
from what was chosen before (a Viterbi search with a short look-ahead).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core.conversion.retrieval.cepstra import (
    REST,
    SETTLING,
    averaged,
    movement,
    resting,
    runs,
    successors,
)
from autovoice_core.conversion.retrieval.content import Hearing
from autovoice_core.conversion.retrieval.f0 import dilate
from autovoice_core.conversion.retrieval.frames import beside, hann, take_rows
from autovoice_core.conversion.retrieval.kernels import ConversionKernels
from autovoice_core.conversion.retrieval.stream.analysis import AROUND
from autovoice_core.conversion.retrieval.stream.recent import Recent
from autovoice_core.conversion.retrieval.unit_selection import (
    NEAREST,
    REACH,
    STAYS,
    Inventory,
    eligible,
    paths,
)

CONTEXT, LAG = 1, 1
"""Frames to come by which a frame's sound is told, and for which its choice waits after that."""

AHEAD = CONTEXT + LAG
"""Frames to come on which a choice depends, a multiple of those that are worked on together."""

_STEPS = (*REACH, *(-step for step in range(1, LAG + 1)))
_STAYS = tuple(stay for stay in STAYS if stay < 0)
_KEPT = 48  # frames that are remembered


def _mostly_past(reach: int) -> tuple[float, ...]:
    """Return a Hann window without what comes later than the context."""
    return tuple(w if i <= reach + CONTEXT else 0.0 for i, w in enumerate(hann(reach)))


_STEADY, RESTING, _SETTLING = (_mostly_past(reach) for reach in (8, REST, SETTLING))
_LOOKS_BACK = 9 + REST + SETTLING


class CausalPath:
    """Chooses an exemplar for every frame, some frames at a time."""

    def __init__(self, inventory: Inventory, hearing: Hearing, kernels: ConversionKernels) -> None:
        moves = movement(inventory.units, _STEADY)
        # So much less does part of a window average than the whole.
        self._scale = (inventory.movement.mean() + 1e-9) / (moves.mean() + 1e-9)
        self._inventory = evolve(inventory, movement=self._scale * moves)
        self._hearing, self._kernels, self._runs = hearing, kernels, runs(inventory.follows)
        self._sounds, self._voiced, self._active = Recent(_KEPT), Recent(_KEPT), Recent(_KEPT)
        self._said, self._moves, self._nearest = Recent(_KEPT), Recent(_KEPT), Recent(_KEPT)
        self._rests = Recent(_KEPT)
        self._settled, self._open = Recent(_KEPT), np.zeros(0, np.int64)
        self._heard = self._told = self._done = 0

    def add(self, sounds: Any, scale: Any, voiced: NDArray[np.bool_]) -> None:
        """Take in the next frames.

        Parameters
        ----------
        sounds
            ``(frames, n)`` cepstra, of mean 0, in deviations of the target's.
        scale
            ``(1, n)`` what makes them deviations of the singer's.
        voiced
            ``(frames,)`` on the host: where one sings.
        """
        self._sounds.add(sounds)
        self._voiced.add(voiced)
        self._heard += len(voiced)
        if self._heard > CONTEXT:
            self._describe(self._heard - CONTEXT, scale)
            self._choose()

    def active(self, first: int, stop: int) -> NDArray[np.bool_]:
        """Return which frames are sung."""
        flags: NDArray[np.bool_] = self._active.since(first, stop)
        return flags

    def rests(self, first: int, stop: int) -> Any:
        """Return how far the source rests on a sound, ``(frames, 1)``."""
        return self._rests.since(first, stop)

    def chosen(self, first: int, stop: int) -> NDArray[np.int64]:
        """Return the exemplars chosen, of which the last ``LAG`` may change yet.

        Where nothing is sung, it is what will be, or else what was.
        """
        settled = self._settled.since(first, self._done) if first < self._done else []
        choice = np.append(np.asarray(settled, np.int64), self._open)[: stop - max(first, 0)]
        sung = np.flatnonzero(self.active(first, stop))
        if sung.size:
            coming = np.searchsorted(sung, np.arange(choice.size))
            choice = choice[sung[np.minimum(coming, sung.size - 1)]]
        return choice

    def _describe(self, stop: int, scale: Any) -> None:
        """Tell of the frames up to ``stop`` what is said, and what of the target is nearest."""
        first, before = self._told, max(0, self._told - _LOOKS_BACK)
        earlier = max(0, before - AROUND)
        active = dilate(self._voiced.since(earlier, self._heard), AROUND)[before - earlier :]
        sounds = self._sounds.since(before, self._heard)
        rests = resting(sounds, active, RESTING, _SETTLING)
        rests = rests * beside(rests, active)[:, None]
        rows = scale * (sounds + rests * (averaged(sounds, active, RESTING) - sounds))
        new = slice(first - before, stop - before)
        follows = successors(active)
        said = self._hearing.of(rows, follows).features[new, :]
        nearest = np.full((stop - first, NEAREST), -1, np.int64)
        wanted = np.flatnonzero(active[new])
        if wanted.size:
            asked, references = take_rows(said, wanted), self._inventory.references
            nearest[wanted] = as_numpy(self._kernels.nearest(asked, references, NEAREST)[0])
        self._said.add(said)
        self._moves.add(self._scale * movement(rows, _STEADY)[new])
        self._active.add(active[new])
        self._rests.add(rests[new, :])
        self._nearest.add(nearest)
        self._told = stop

    def _choose(self) -> None:
        """Go on from the last choice that is settled, and settle what has waited long enough."""
        goes_on = self._done > 0
        first, stop = self._done - goes_on, self._told
        before = max(0, first - max(REACH))
        nearest = self._nearest.since(before, stop)
        candidates = eligible(nearest, self._runs, _STEPS, _STAYS)[first - before :]
        if goes_on:
            candidates[0] = -1
            candidates[0, 0] = self._settled.since(first, first + 1)[0]
        (chosen,) = paths(
            self._inventory,
            self._said.since(first, stop),
            candidates,
            self._moves.since(first, stop),
            np.arange(stop - first)[None, :],
            self.active(first, stop)[None, :],
            self._kernels,
        )
        settling = max(self._done, stop - LAG)
        self._settled.add(chosen[goes_on : settling - first])
        self._open = chosen[settling - first :]
        self._done = settling
