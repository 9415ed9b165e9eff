"""How long the windows may be that a backend works on within a limit to memory."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import Any

from attrs import frozen

from autovoice_core._engine import Engine
from autovoice_core._errors import InputError
from autovoice_core.audio.chunks import Portions
from autovoice_core.audio.source import Source
from autovoice_core.audio.windows import round_up
from autovoice_core.backends.offer import Need
from autovoice_core.memory.held import held
from autovoice_core.memory.limit import Amount, MemoryLimit, written

ROUND = 10_000_000
"""Bytes to which the least limit that would do is rounded up."""
SPARE = 0.02
"""Part of it that is added, as no two processes hold exactly the same."""


@frozen
class Job:
    """What is to be worked on, and how it would be done with memory to spare.

    Attributes
    ----------
    rate, channels, frames
        Of the longest sound.
    seconds, samples
        Length of a core, and samples of all channels above which it gets shorter.
    context
        Seconds on each side.
    heard
        Channels that the backend is given.
    own
        Bytes that core itself takes for each sample of a window of each channel.
    lasting
        Bytes that core takes beside the windows.
    at_once
        Windows that are worked on together.
    """

    rate: int
    channels: int
    frames: int
    seconds: float
    samples: float
    context: float
    heard: int
    own: float
    lasting: float = 0.0
    at_once: int = 1


def fitted(opened: Any, limit: MemoryLimit | None, job: Job) -> tuple[Portions, int]:
    """Return the windows to work in, and how many of them at once.

    Parameters
    ----------
    opened
        A backend's implementation, under guard.
    limit
        To the memory of the process on the processor, to what it holds of a GPU on one.

    Raises
    ------
    InputError
        The limit is too little even for the shortest windows, or the backend does not say how
        much it takes.
    """
    grid = opened.grid(job.rate)
    context = math.ceil(job.context * job.rate)
    core = min(job.seconds * job.rate, max(job.samples / job.channels, context))
    usual = round_up(max(1, int(core)), grid)
    # Shorter ones would be context for the most part.
    least = min(usual, round_up(max(1, context), grid))
    portions = Portions(usual, context, grid, least, opened.provenance, limit is not None)
    if limit is None:
        return portions, job.at_once

    def cost(core: int) -> float:
        frames = min(core + round_up(context, grid) + context, job.frames)
        takes = opened.memory(frames, job.heard, job.rate)
        if takes is None:
            raise InputError(
                f"{limit.origin}: {opened.provenance.backend} does not say how much memory it "
                "takes, so no limit can be kept; leave it away, or choose another backend"
            )
        return float(takes) + job.own * frames * job.channels

    already = held(opened.provenance.device) + job.lasting
    room = limit.bytes - already
    fitting = bisect_right(range(least, usual + 1, grid), room, key=cost)
    if not fitting:
        where = "this process" if opened.provenance.device == "cpu" else "this process on the GPU"
        needed = math.ceil((1 + SPARE) * (already + cost(least)) / ROUND) * ROUND
        raise InputError(
            f"{limit.origin}: {written(limit.bytes)} is too little for "
            f"{opened.provenance.backend}, whose shortest windows take {written(cost(least))} "
            f"beside the {written(already)} that {where} holds; give at least {written(needed)}"
        )
    portions.core = least + (fitting - 1) * grid
    return portions, max(1, min(job.at_once, int(room / cost(portions.core))))


class WindowedEngine(Engine):
    """An engine that works in windows, within a limit to memory if there is one."""

    def __init__(
        self,
        *,
        backend: str | None = None,
        need: Need | None = None,
        memory_limit: Amount | MemoryLimit | None = None,
    ) -> None:
        super().__init__(backend=backend, need=need)
        self.memory_limit = MemoryLimit.asked(memory_limit)

    def require_room(self, source: Source) -> None:
        """Refuse a limit that is too little for ``source``, before anything is worked on.

        Raises
        ------
        InputError
            It is.
        """
        if self.memory_limit is not None:
            self._fitted(self._job(source))

    def _fitted(self, job: Job) -> tuple[Portions, int]:
        """Return the windows to work in, and how many of them at once."""
        return fitted(self._opened, self.memory_limit, job)

    def _job(self, source: Source) -> Job:
        """Return what there is to do."""
        raise NotImplementedError
