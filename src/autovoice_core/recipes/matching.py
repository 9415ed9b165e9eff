"""Finding the target's frames that say what the source says, as a path through real speech.

Unit selection: A. Hunt and A. Black, "Unit selection in a concatenative speech synthesis system
using a large speech database", ICASSP 1996. A unit here is one frame; the path prefers frames
that follow one another in the recording, or that stay where they are, as a held note does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core.recipes.kernels import ConversionKernels
from autovoice_core.recipes.rows import beside, take_rows

CANDIDATES = 16
"""Nearest frames among which the path chooses."""

JOIN = 1.0
"""Weight of a jump's distance against that between source and target."""

BLOCK, OVERLAP, FADE = 64, 16, 8
"""Frames of a block of the path, what it sees on each side, and half its cross-fade."""

CONTEXT = BLOCK + OVERLAP + FADE
"""Frames on which a frame's choice may depend, on either side."""


@frozen(eq=False)
class Inventory:
    """What there is to choose from.

    Attributes
    ----------
    references
        ``(exemplars, n)`` features that the source's are compared with.
    units
        ``(exemplars, m)`` what must be continuous from frame to frame.
    follows
        ``(exemplars,)`` on the host: whether an exemplar is the successor of the one before it.
    """

    references: Any
    units: Any
    follows: NDArray[np.bool_]


@frozen(eq=False)
class Choice:
    """For every frame two exemplars and the weight of the second, on the host."""

    main: NDArray[np.int64]
    other: NDArray[np.int64]
    weight: NDArray[np.float64]

    def of(self, table: Any) -> Any:
        """Return what ``table``, a row for each exemplar, says of every frame."""
        weight = beside(table, self.weight)[:, None]
        return (1.0 - weight) * take_rows(table, self.main) + weight * take_rows(table, self.other)


def choose(
    inventory: Inventory,
    queries: Any,
    active: NDArray[np.bool_],
    first: int,
    kernels: ConversionKernels,
) -> Choice:
    """Find the path through the inventory that says what the queries say.

    It is found in blocks that begin at multiples of ``BLOCK`` frames of the song, so that a
    frame's choice depends on its surroundings alone; between blocks the choices cross-fade.

    Parameters
    ----------
    queries
        ``(frames, n)`` features of the source.
    active
        ``(frames,)`` on the host: where there is something to match.
    first
        Number of the first frame in the song.
    """
    count = queries.shape[0]
    candidates = np.zeros((count, CANDIDATES), np.int64)
    cost = np.zeros((count, CANDIDATES))
    if active.any():
        wanted = np.flatnonzero(active)
        found = take_rows(queries, wanted)
        indices, distances = kernels.nearest(found, inventory.references, CANDIDATES)
        candidates[wanted] = as_numpy(indices)
        cost[wanted] = np.sqrt(np.maximum(as_numpy(distances), 0.0))
    steps = JOIN * _steps(inventory, candidates)
    steps[~(active[1:] & active[:-1])] = 0.0
    return _in_blocks(candidates, cost, steps, first, kernels)


def _steps(inventory: Inventory, candidates: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return ``(frames - 1, K, K)`` how far each candidate lies from where the last would go on.

    Where it would go on is its successor or, as in a held note, itself.
    """
    units = inventory.units
    xp = array_namespace(units)
    following = np.arange(inventory.follows.size)
    following[:-1] += inventory.follows[1:]
    shape = (candidates.shape[0] - 1, candidates.shape[1], units.shape[1])
    new = xp.reshape(take_rows(units, candidates[1:].reshape(-1)), shape)
    squares = []
    for before in (candidates[:-1], following[candidates[:-1]]):
        old = xp.reshape(take_rows(units, before.reshape(-1)), shape)
        squares.append(
            xp.sum(old * old, axis=2)[:, :, None]
            + xp.sum(new * new, axis=2)[:, None, :]
            - 2.0 * xp.matmul(old, xp.matrix_transpose(new))
        )
    distance = xp.sqrt(xp.clip(xp.minimum(*squares), 0.0, None))
    return as_numpy(distance).astype(np.float64)


def _in_blocks(
    candidates: NDArray[np.int64],
    cost: NDArray[np.float64],
    steps: NDArray[np.float64],
    first: int,
    kernels: ConversionKernels,
) -> Choice:
    count, width = cost.shape
    opening = first // BLOCK * BLOCK
    blocks = -(-(first + count - opening) // BLOCK)
    length = BLOCK + 2 * OVERLAP
    starts = opening + BLOCK * np.arange(blocks) - OVERLAP - first
    frames = starts[:, None] + np.arange(length)
    inside = (frames >= 0) & (frames < count)
    local = np.where(inside[..., None], cost[np.clip(frames, 0, count - 1)], 0.0)
    moves = np.zeros((blocks, length - 1, width, width))
    if count > 1:
        both = inside[:, 1:] & inside[:, :-1]
        moves = np.where(both[..., None, None], steps[np.clip(frames[:, :-1], 0, count - 2)], 0.0)
    ranks = kernels.cheapest_paths(local, moves)
    chosen = candidates[np.clip(frames, 0, count - 1), ranks]

    # A frame within FADE of a border between blocks is told of by both.
    index = np.arange(count)
    block = (index + first - opening) // BLOCK
    place = (index + first - opening) % BLOCK
    main = chosen[block, place + OVERLAP]
    other, weight = main.copy(), np.zeros(count)
    early = (place < FADE) & (block > 0)
    other[early] = chosen[block[early] - 1, place[early] + BLOCK + OVERLAP]
    weight[early] = 0.5 - (place[early] + 0.5) / (2 * FADE)
    late = (place >= BLOCK - FADE) & (block < blocks - 1)
    other[late] = chosen[block[late] + 1, place[late] - BLOCK + OVERLAP]
    weight[late] = 0.5 - (BLOCK - place[late] - 0.5) / (2 * FADE)
    return Choice(main, other, weight)
