"""The inventory of exemplars, and the candidates that it offers to every frame."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core.conversion.retrieval.content import Content
from autovoice_core.conversion.retrieval.frames import runs, take_rows
from autovoice_core.conversion.retrieval.kernels import ConversionKernels

NEAREST = 3
"""Nearest exemplars of every frame."""

LEADS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16)
"""Frames before and after a frame whose nearest exemplars lead to it."""

STAYS = (-9, -3, 3, 9)
"""Frames from a frame to others whose nearest it may select too, so that a path can stay."""

Indices = NDArray[np.int64]


@frozen(eq=False)
class Inventory:
    """The exemplars to select from.

    Attributes
    ----------
    content
        What they say: ``features`` are compared with the source's, ``units`` must be continuous
        from frame to frame.
    follows
        ``(exemplars,)`` on the host: whether an exemplar is the successor of the one before it.
    """

    content: Content
    follows: NDArray[np.bool_]

    def nearest(
        self, queries: Any, active: NDArray[np.bool_], kernels: ConversionKernels
    ) -> Indices:
        """Return the ``(frames, NEAREST)`` nearest exemplars, -1 where a frame is not active."""
        nearest = np.full((queries.shape[0], NEAREST), -1, np.int64)
        wanted = np.flatnonzero(active)
        if wanted.size:
            found, _ = kernels.nearest(take_rows(queries, wanted), self.content.features, NEAREST)
            nearest[wanted] = as_numpy(found)
        return nearest

    def candidates(
        self, nearest: Indices, leads: tuple[int, ...], stays: tuple[int, ...]
    ) -> Indices:
        """Return ``(frames, K)`` exemplars: each frame's nearest, and those its neighbours lead to.

        Parameters
        ----------
        nearest
            ``(frames, NEAREST)``, -1 where there is none.
        leads
            How many frames earlier (later if negative) are those whose nearest lead to a frame.
        stays
            How many frames later (earlier if negative) are those whose first nearest it may select.
        """
        begin, end = self._runs
        known = np.clip(nearest, 0, None)
        groups = [nearest]
        for lead in leads:
            led = known + lead
            there = (nearest >= 0) & (led >= begin[known]) & (led <= end[known])
            group = np.full_like(nearest, -1)
            if lead > 0:
                group[lead:] = np.where(there, led, -1)[:-lead]
            else:
                group[:lead] = np.where(there, led, -1)[-lead:]
            groups.append(group)
        index = np.arange(nearest.shape[0])[:, None] + np.asarray(stays)
        groups.append(nearest[np.clip(index, 0, nearest.shape[0] - 1), 0])
        return np.concatenate(groups, axis=1)

    @cached_property
    def _runs(self) -> tuple[Indices, Indices]:
        return runs(self.follows)
