"""Finding the target's frames that say what the source says, as a path through real speech.

Unit selection: A. Hunt and A. Black, "Unit selection in a concatenative speech synthesis system
using a large speech database", ICASSP 1996. A unit here is one frame. Beside the frames nearest
to its own sound, a moment may choose those that its neighbours' nearest frames lead to, so that
the path can follow the recordings for as long as they fit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace, device
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core.conversion.retrieval.cepstra import runs
from autovoice_core.conversion.retrieval.frames import beside, indices, take_rows
from autovoice_core.conversion.retrieval.kernels import ConversionKernels

NEAREST = 3
"""Nearest frames of every moment."""

REACH = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16)
"""Frames before and after a moment whose nearest frames lead to it."""

STAYS = (-9, -3, 3, 9)
"""Frames from a moment to others whose nearest frame it may choose too, so that a path can stay."""

JUMP = 4.0
"""Price of leaving a recording, beside the distance of what would have followed."""

STILL = 4.0
"""Price of staying while the source moves by 1, and of moving by 1 more than the source does."""

BLOCK, OVERLAP, FADE = 64, 16, 8
"""Frames of a block of the path, what it sees on each side, and half its cross-fade."""

CONTEXT = BLOCK + OVERLAP + FADE + max(REACH)
"""Frames on which a frame's choice may depend, on either side."""

_AT_ONCE = 8  # blocks whose trellises are held at the same time
_NEVER = 1e6

Rows = NDArray[np.int64]


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
    movement
        ``(exemplars,)`` on the host: of :func:`~autovoice_core.conversion.retrieval.cepstra.movement`.
    """

    references: Any
    units: Any
    follows: NDArray[np.bool_]
    movement: NDArray[np.float64]


@frozen(eq=False)
class Choice:
    """For every frame two exemplars and the weight of the second, on the host."""

    main: Rows
    other: Rows
    weight: NDArray[np.float64]

    def of(self, table: Any) -> Any:
        """Return what ``table``, a row for each exemplar, says of every frame."""
        weight = beside(table, self.weight)[:, None]
        return (1.0 - weight) * take_rows(table, self.main) + weight * take_rows(table, self.other)


def choose(
    inventory: Inventory,
    queries: Any,
    movement: NDArray[np.float64],
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
    movement
        ``(frames,)`` on the host: of :func:`~autovoice_core.conversion.retrieval.cepstra.movement`. A path
        moves as the source does, so that a held note rests and a syllable does not.
    active
        ``(frames,)`` on the host: where there is something to match.
    first
        Number of the first frame in the song.
    """
    count = queries.shape[0]
    candidates = _candidates(inventory, queries, active, kernels)
    opening = first // BLOCK * BLOCK
    blocks = -(-(first + count - opening) // BLOCK)
    starts = opening + BLOCK * np.arange(blocks) - OVERLAP - first
    frames = starts[:, None] + np.arange(BLOCK + 2 * OVERLAP)
    inside = (frames >= 0) & (frames < count) & active[np.clip(frames, 0, count - 1)]
    frames = np.clip(frames, 0, count - 1)
    parts = [slice(start, start + _AT_ONCE) for start in range(0, blocks, _AT_ONCE)]
    chosen = np.concatenate(
        [
            paths(inventory, queries, candidates, movement, frames[part], inside[part], kernels)
            for part in parts
        ]
    )

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


def _candidates(
    inventory: Inventory, queries: Any, active: NDArray[np.bool_], kernels: ConversionKernels
) -> Rows:
    """Return ``(frames, K)`` exemplars that each frame may choose, -1 where there is none."""
    nearest = np.full((queries.shape[0], NEAREST), -1, np.int64)
    if active.any():
        wanted = np.flatnonzero(active)
        found, _ = kernels.nearest(take_rows(queries, wanted), inventory.references, NEAREST)
        nearest[wanted] = as_numpy(found)
    steps = tuple(sign * reach for reach in REACH for sign in (1, -1))
    return eligible(nearest, runs(inventory.follows), steps, STAYS)


def eligible(
    nearest: Rows, within: tuple[Rows, Rows], steps: tuple[int, ...], stays: tuple[int, ...]
) -> Rows:
    """Return ``(frames, K)`` the nearest exemplars, those that others' lead to, and theirs.

    Parameters
    ----------
    nearest
        ``(frames, NEAREST)``, -1 where there is none.
    within
        Of :func:`~autovoice_core.conversion.retrieval.cepstra.runs`.
    steps
        How many frames earlier (later if negative) are those whose nearest lead to a frame.
    stays
        How many frames later (earlier if negative) are those whose nearest of all it may choose.
    """
    begin, end = within
    known = np.clip(nearest, 0, None)
    groups = [nearest]
    for step in steps:
        led = known + step
        there = (nearest >= 0) & (led >= begin[known]) & (led <= end[known])
        group = np.full_like(nearest, -1)
        if step > 0:
            group[step:] = np.where(there, led, -1)[:-step]
        else:
            group[:step] = np.where(there, led, -1)[-step:]
        groups.append(group)
    index = np.arange(nearest.shape[0])[:, None] + np.asarray(stays)
    groups.append(nearest[np.clip(index, 0, nearest.shape[0] - 1), 0])
    return np.concatenate(groups, axis=1)


def paths(
    inventory: Inventory,
    queries: Any,
    candidates: Rows,
    movement: NDArray[np.float64],
    frames: Rows,
    inside: NDArray[np.bool_],
    kernels: ConversionKernels,
) -> Rows:
    """Return the exemplars chosen by some blocks, ``(blocks, frames of a block)``.

    Parameters
    ----------
    queries, candidates, movement
        Of all frames: ``(frames, n)``, ``(frames, K)``, ``(frames,)``.
    frames, inside
        ``(blocks, frames of a block)`` numbers of frames, and whether there is something to match.
    """
    offered = candidates[frames]
    usable = inside[..., None] & (offered >= 0)
    offered = np.where(offered >= 0, offered, 0)
    there = indices(queries, offered)
    local = np.where(usable, _distances(inventory, queries, frames, there), _NEVER)
    local[~inside] = 0.0
    steps = _steps(inventory, there, movement[frames[:, 1:]])
    outside = ~(inside[:, 1:] & inside[:, :-1])
    steps[array_namespace(steps).asarray(outside, device=device(steps))] = 0.0
    ranks = as_numpy(kernels.cheapest_paths(local, steps))
    return np.take_along_axis(offered, ranks[..., None], axis=2)[..., 0]


def _distances(
    inventory: Inventory, queries: Any, frames: Rows, offered: Any
) -> NDArray[np.float64]:
    """Return how far each candidate is from what is said, shaped as ``offered``."""
    xp = array_namespace(queries)
    width = queries.shape[1]
    said = xp.reshape(take_rows(queries, frames.reshape(-1)), (*frames.shape, 1, width))
    there = take_rows(inventory.references, xp.reshape(offered, (-1,)))
    there = xp.reshape(there, (*offered.shape, width))
    return as_numpy(xp.sqrt(xp.sum((there - said) ** 2, axis=3))).astype(np.float64)


def _steps(inventory: Inventory, offered: Any, movement: NDArray[np.float64]) -> Any:
    """Return ``(blocks, frames - 1, K, K)`` prices of going from one candidate to the next.

    Staying, and going on in the recording, cost as far as the source moves otherwise; any other
    step how far it leads from where the recording would have gone on, and ``JUMP``.
    """
    units = inventory.units
    xp = array_namespace(units)
    following = np.arange(inventory.follows.size)
    following[:-1] += inventory.follows[1:]
    blocks, length, width = offered.shape
    shape = (blocks, length - 1, width, units.shape[1])
    here, now = offered[:, :-1, :], offered[:, 1:, :]
    expected = xp.take(indices(units, following), xp.reshape(here, (-1,)))
    own = xp.reshape(xp.take(beside(units, inventory.movement), expected), shape[:3])
    old = xp.reshape(take_rows(units, expected), shape)
    new = xp.reshape(take_rows(units, xp.reshape(now, (-1,))), shape)
    expected = xp.reshape(expected, shape[:3])
    squares = (
        xp.sum(old * old, axis=3)[..., :, None]
        + xp.sum(new * new, axis=3)[..., None, :]
        - 2.0 * xp.matmul(old, xp.matrix_transpose(new))
    )
    prices = JUMP + xp.sqrt(xp.clip(squares, 0.0, None))
    source = beside(units, movement)[..., None]
    faster = xp.clip(own - source, 0.0, None)
    for place, price in ((here, source), (expected, faster)):
        near = xp.minimum(prices, STILL * price[..., None])
        prices = xp.where(now[..., None, :] == place[..., None], near, prices)
    return xp.astype(prices, xp.float64)
