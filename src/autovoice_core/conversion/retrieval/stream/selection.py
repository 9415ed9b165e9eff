"""Unit selection while the source goes on: a path with a short look-ahead.

As in :mod:`autovoice_core.conversion.retrieval.unit_selection`, but context and candidates reach
mostly backwards, and a frame's exemplar is settled a few frames after it, on the path that is
best by then and continues from what was settled before (a Viterbi search with a fixed lag).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.analysis import VOICED_MARGIN
from autovoice_core.conversion.retrieval.content import (
    REST_REACH,
    SETTLING_REACH,
    ContentEncoder,
    resting,
)
from autovoice_core.conversion.retrieval.frames import (
    MOVEMENT_REACH,
    RecentRows,
    asarray_like,
    dilate,
    hann,
    movement,
    partly_smoothed,
    successors,
)
from autovoice_core.conversion.retrieval.inventory import LEADS, STAYS, Indices, Inventory
from autovoice_core.conversion.retrieval.kernels import ConversionKernels
from autovoice_core.conversion.retrieval.unit_selection import Selection, best_paths

CONTEXT_AHEAD, SETTLING_LAG = 1, 1
"""Later frames that a frame's content depends on, and for which its exemplar is not settled after
that."""

LOOK_AHEAD = CONTEXT_AHEAD + SETTLING_LAG
"""Later frames that a selection depends on, a multiple of those processed at a time."""

_LEADS = (*LEADS, *(-lead for lead in range(1, SETTLING_LAG + 1)))
_STAYS = tuple(stay for stay in STAYS if stay < 0)
_KEPT_FRAMES = 48


def _mostly_past(reach: int) -> tuple[float, ...]:
    """Return a Hann window without what comes later than the context."""
    return tuple(w if i <= reach + CONTEXT_AHEAD else 0.0 for i, w in enumerate(hann(reach)))


REST_WEIGHTS = _mostly_past(REST_REACH)
"""Weights of neighbours where the source rests."""

_MOVEMENT_WEIGHTS, _SETTLING_WEIGHTS = _mostly_past(MOVEMENT_REACH), _mostly_past(SETTLING_REACH)
_LOOK_BACK = MOVEMENT_REACH + 1 + REST_REACH + SETTLING_REACH


class StreamSelector:
    """Selects an exemplar for every frame, some frames at a time."""

    def __init__(self, inventory: Inventory, kernels: ConversionKernels) -> None:
        content = inventory.content
        moves = movement(content.units, _MOVEMENT_WEIGHTS)
        # Part of a window averages by so much less than all of it.
        self._movement_scale = (content.movement.mean() + 1e-9) / (moves.mean() + 1e-9)
        content = evolve(content, movement=self._movement_scale * moves)
        self._inventory = evolve(inventory, content=content)
        self._kernels = kernels
        self._sounds, self._voiced = RecentRows(_KEPT_FRAMES), RecentRows(_KEPT_FRAMES)
        self._features, self._moves = RecentRows(_KEPT_FRAMES), RecentRows(_KEPT_FRAMES)
        self._active, self._nearest = RecentRows(_KEPT_FRAMES), RecentRows(_KEPT_FRAMES)
        self._rests, self._settled = RecentRows(_KEPT_FRAMES), RecentRows(_KEPT_FRAMES)
        self._open = np.zeros(0, np.int64)
        self._added = self._encoded = self._done = 0

    def add(self, coefficients: Any, voiced: NDArray[np.bool_], encoder: ContentEncoder) -> None:
        """Take in the next frames.

        Parameters
        ----------
        coefficients
            ``(frames, COEFFICIENTS)`` cepstra.
        voiced
            ``(frames,)`` on the host.
        encoder
            For the source as it is known by now.
        """
        self._sounds.extend(encoder.centred(coefficients))
        self._voiced.extend(voiced)
        self._added += len(voiced)
        if self._added > CONTEXT_AHEAD:
            self._encode(self._added - CONTEXT_AHEAD, encoder)
            self._extend_path()

    def selection(self, first: int, stop: int) -> Selection:
        """Return the exemplars of frames, of which the last ``SETTLING_LAG`` may change yet.

        Where nothing is sung, it is the next that will be, or else the last that was.
        """
        settled = self._settled.between(first, self._done) if first < self._done else []
        units = np.append(np.asarray(settled, np.int64), self._open)[: stop - max(first, 0)]
        active = np.flatnonzero(self._active.between(first, stop))
        if active.size:
            coming = np.searchsorted(active, np.arange(units.size))
            units = units[active[np.minimum(coming, active.size - 1)]]
        return Selection(units, units, np.zeros(units.size), None, self._rests.between(first, stop))

    def _encode(self, stop: int, encoder: ContentEncoder) -> None:
        """Encode what frames up to ``stop`` say, and find the exemplars nearest to that."""
        first, before = self._encoded, max(0, self._encoded - _LOOK_BACK)
        earlier = max(0, before - VOICED_MARGIN)
        voiced = self._voiced.between(earlier, self._added)
        active = dilate(voiced, VOICED_MARGIN)[before - earlier :]
        sounds = self._sounds.between(before, self._added)
        rests = resting(sounds, active, REST_WEIGHTS, _SETTLING_WEIGHTS)
        rests = rests * asarray_like(rests, active)[:, None]
        scale = encoder.target_deviation / encoder.deviation
        units = scale * partly_smoothed(sounds, rests, active, REST_WEIGHTS)
        new = slice(first - before, stop - before)
        follows = successors(active)
        content = encoder.content(units, follows, movement_weights=_MOVEMENT_WEIGHTS)
        features, moves = content.features[new, :], self._movement_scale * content.movement[new]
        nearest = self._inventory.nearest(features, active[new], self._kernels)
        self._features.extend(features)
        self._moves.extend(moves)
        self._active.extend(active[new])
        self._rests.extend(rests[new, :])
        self._nearest.extend(nearest)
        self._encoded = stop

    def _extend_path(self) -> None:
        """Continue from the last exemplar settled, and settle those that have waited enough."""
        continues = self._done > 0
        first, stop = self._done - continues, self._encoded
        before = max(0, first - max(LEADS))
        nearest = self._nearest.between(before, stop)
        candidates = self._inventory.candidates(nearest, _LEADS, _STAYS)[first - before :]
        if continues:
            candidates[0] = -1
            candidates[0, 0] = self._settled.between(first, first + 1)[0]
        path: Indices
        (path,) = best_paths(
            self._inventory,
            self._features.between(first, stop),
            candidates,
            self._moves.between(first, stop),
            np.arange(stop - first)[None, :],
            self._active.between(first, stop)[None, :],
            self._kernels,
        )
        settling = max(self._done, stop - SETTLING_LAG)
        self._settled.extend(path[continues : settling - first])
        self._open = path[settling - first :]
        self._done = settling
