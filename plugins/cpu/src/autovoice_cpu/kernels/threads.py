"""Threads for compiled kernels that release the interpreter's lock.

Plain threads rather than Numba's own: its pools abort the process when it forks after their
first use (OpenMP), or when two threads enter at once (workqueue, the only one on some systems).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

PIECES_PER_THREAD = 4
"""Pieces of work for each thread, so that one held up by another program matters little."""


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_parallel(work: Callable[[int, int], None], count: int, *, min_piece: int = 1) -> None:
    """Call ``work(start, stop)`` for pieces that cover ``range(count)``, on all cores.

    Parameters
    ----------
    work
        Must release the interpreter's lock to gain anything, and write to its own piece only.
    count
        How much there is to do.
    min_piece
        Smallest piece that is worth a thread.
    """
    threads = cores()
    pieces = min(threads * PIECES_PER_THREAD, count // max(min_piece, 1))
    if threads == 1 or pieces < 2:
        work(0, count)
        return
    edges = [count * piece // pieces for piece in range(pieces + 1)]
    with ThreadPoolExecutor(threads) as pool:
        # Consumed, so that an exception of a piece is raised here.
        list(pool.map(work, edges[:-1], edges[1:]))
