"""Selection of the target's frames that say what the source says, as a path through real speech.

Unit selection: A. Hunt and A. Black, "Unit selection in a concatenative speech synthesis system
using a large speech database", ICASSP 1996. A unit here is one frame. Besides the frames nearest
to its own sound, a frame may select those that its neighbours' nearest frames lead to, so that
the path can follow the recordings for as long as they fit. The cheapest path (Viterbi) is found by
the kernel ``cheapest_paths``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace, device
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core.conversion.retrieval.content import Content
from autovoice_core.conversion.retrieval.frames import (
    Track,
    asarray_like,
    indices_like,
    take_rows,
)
from autovoice_core.conversion.retrieval.inventory import LEADS, STAYS, Indices, Inventory
from autovoice_core.conversion.retrieval.kernels import ConversionKernels

JUMP_COST = 4.0
"""Cost of leaving a recording, added to the distance from what would have followed."""

MOVEMENT_COST = 4.0
"""Cost of staying while the source moves by 1, and of moving by 1 more than the source does."""

PATH_BLOCK, PATH_OVERLAP, PATH_FADE = 64, 16, 8
"""Frames of a block of the path, what it sees on each side, and half its crossfade."""

CONTEXT_FRAMES = PATH_BLOCK + PATH_OVERLAP + PATH_FADE + max(LEADS)
"""Frames on either side that a frame's selection may depend on."""

_LEADS = tuple(sign * lead for lead in LEADS for sign in (1, -1))
_BLOCKS_AT_ONCE = 8  # whose trellises are held at the same time
_FORBIDDEN_COST = 1e6


@frozen(eq=False)
class Selection:
    """The exemplars selected for every frame: two and the weight of the second, on the host.

    Attributes
    ----------
    main, other, weight
        ``(frames,)``.
    posteriors, rests
        The source's, of its content.
    """

    main: Indices
    other: Indices
    weight: Track
    posteriors: Any | None
    rests: Any

    def crossfaded(self, table: Any) -> Any:
        """Return the rows of ``table``, one for each exemplar, that are selected."""
        weight = asarray_like(table, self.weight)[:, None]
        return (1.0 - weight) * take_rows(table, self.main) + weight * take_rows(table, self.other)


def select_units(
    inventory: Inventory,
    source: Content,
    active: NDArray[np.bool_],
    first: int,
    kernels: ConversionKernels,
) -> Selection:
    """Return the path through the inventory that says what the source says.

    It moves as the source does, so that a held note rests and a syllable does not. It is found in
    blocks that begin at multiples of ``PATH_BLOCK`` frames of the song, so that a frame's
    selection depends on its surroundings alone; between blocks the selections crossfade.

    Parameters
    ----------
    active
        ``(frames,)`` on the host: where there is something to match.
    first
        Number of the first frame in the song.
    """
    queries, moves = source.features, source.movement
    count = queries.shape[0]
    nearest = inventory.nearest(queries, active, kernels)
    candidates = inventory.candidates(nearest, _LEADS, STAYS)
    opening = first // PATH_BLOCK * PATH_BLOCK
    blocks = -(-(first + count - opening) // PATH_BLOCK)
    starts = opening + PATH_BLOCK * np.arange(blocks) - PATH_OVERLAP - first
    frames = starts[:, None] + np.arange(PATH_BLOCK + 2 * PATH_OVERLAP)
    inside = (frames >= 0) & (frames < count) & active[np.clip(frames, 0, count - 1)]
    frames = np.clip(frames, 0, count - 1)
    parts = [slice(start, start + _BLOCKS_AT_ONCE) for start in range(0, blocks, _BLOCKS_AT_ONCE)]
    selected = np.concatenate(
        [
            best_paths(inventory, queries, candidates, moves, frames[part], inside[part], kernels)
            for part in parts
        ]
    )

    # Both blocks select for a frame within PATH_FADE of the border between them.
    index = np.arange(count)
    block = (index + first - opening) // PATH_BLOCK
    place = (index + first - opening) % PATH_BLOCK
    main = selected[block, place + PATH_OVERLAP]
    other, weight = main.copy(), np.zeros(count)
    early = (place < PATH_FADE) & (block > 0)
    other[early] = selected[block[early] - 1, place[early] + PATH_BLOCK + PATH_OVERLAP]
    weight[early] = 0.5 - (place[early] + 0.5) / (2 * PATH_FADE)
    late = (place >= PATH_BLOCK - PATH_FADE) & (block < blocks - 1)
    other[late] = selected[block[late] + 1, place[late] - PATH_BLOCK + PATH_OVERLAP]
    weight[late] = 0.5 - (PATH_BLOCK - place[late] - 0.5) / (2 * PATH_FADE)
    return Selection(main, other, weight, source.posteriors, source.rests)


def best_paths(
    inventory: Inventory,
    queries: Any,
    candidates: Indices,
    moves: Track,
    frames: Indices,
    inside: NDArray[np.bool_],
    kernels: ConversionKernels,
) -> Indices:
    """Return the exemplars selected in some blocks, ``(blocks, frames of a block)``.

    Parameters
    ----------
    queries, candidates, moves
        Of all frames: ``(frames, n)``, ``(frames, K)``, ``(frames,)``.
    frames, inside
        ``(blocks, frames of a block)`` numbers of frames, and where there is something to match.
    """
    offered = candidates[frames]
    usable = inside[..., None] & (offered >= 0)
    offered = np.where(offered >= 0, offered, 0)
    there = indices_like(queries, offered)
    distances = _distances(inventory.content.features, queries, frames, there)
    local = np.where(usable, distances, _FORBIDDEN_COST)
    local[~inside] = 0.0
    steps = _step_costs(inventory, there, moves[frames[:, 1:]])
    outside = ~(inside[:, 1:] & inside[:, :-1])
    steps[array_namespace(steps).asarray(outside, device=device(steps))] = 0.0
    ranks = as_numpy(kernels.cheapest_paths(local, steps))
    return np.take_along_axis(offered, ranks[..., None], axis=2)[..., 0]


def _distances(features: Any, queries: Any, frames: Indices, offered: Any) -> Track:
    """Return how far each candidate's features are from the frame's, shaped as ``offered``."""
    xp, width = array_namespace(queries), queries.shape[1]
    source = xp.reshape(take_rows(queries, frames.reshape(-1)), (*frames.shape, 1, width))
    target = take_rows(features, xp.reshape(offered, (-1,)))
    target = xp.reshape(target, (*offered.shape, width))
    return as_numpy(xp.sqrt(xp.sum((target - source) ** 2, axis=3))).astype(np.float64)


def _step_costs(inventory: Inventory, offered: Any, moves: Track) -> Any:
    """Return ``(blocks, frames - 1, K, K)`` costs of going from one candidate to the next.

    Staying, and going on in the recording, cost as much as the source moves otherwise; any other
    step its distance from where the recording would have gone on, and ``JUMP_COST``.
    """
    units = inventory.content.units
    xp = array_namespace(units)
    following = np.arange(inventory.follows.size)
    following[:-1] += inventory.follows[1:]
    blocks, length, width = offered.shape
    shape = (blocks, length - 1, width, units.shape[1])
    here, now = offered[:, :-1, :], offered[:, 1:, :]
    expected = xp.take(indices_like(units, following), xp.reshape(here, (-1,)))
    own = xp.reshape(xp.take(asarray_like(units, inventory.content.movement), expected), shape[:3])
    old = xp.reshape(take_rows(units, expected), shape)
    new = xp.reshape(take_rows(units, xp.reshape(now, (-1,))), shape)
    expected = xp.reshape(expected, shape[:3])
    squares = (
        xp.sum(old * old, axis=3)[..., :, None]
        + xp.sum(new * new, axis=3)[..., None, :]
        - 2.0 * xp.matmul(old, xp.matrix_transpose(new))
    )
    costs = JUMP_COST + xp.sqrt(xp.clip(squares, 0.0, None))
    source = asarray_like(units, moves)[..., None]
    faster = xp.clip(own - source, 0.0, None)
    for target, excess in ((here, source), (expected, faster)):
        near = xp.minimum(costs, MOVEMENT_COST * excess[..., None])
        costs = xp.where(now[..., None, :] == target[..., None], near, costs)
    return xp.astype(costs, xp.float64)
