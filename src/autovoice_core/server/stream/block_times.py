"""``BlockTimes``: how long the blocks of a stream took, and how many came late."""

from __future__ import annotations

from collections import deque

import numpy as np
from attrs import define, field

BLOCK_SECONDS = 0.02
"""Seconds of a block that is suggested to clients: conversion works on as much at a time."""
KEPT_BLOCKS = 500
"""Blocks whose times are kept: 10 s of that length."""


@define
class NewBlocks:
    """What happened since it was last asked for.

    Attributes
    ----------
    samples
        Samples converted.
    seconds
        How long each block took.
    late
        Blocks that came late.
    """

    samples: int = 0
    seconds: list[float] = field(factory=list)
    late: int = 0


class BlockTimes:
    """How long the blocks of a stream took to convert.

    Attributes
    ----------
    late_blocks
        Blocks that were done later after their arrival than they last, or than
        :data:`BLOCK_SECONDS`, whichever is longer.
    """

    def __init__(self, sample_rate: int) -> None:
        self.late_blocks = 0
        self._rate = sample_rate
        self._seconds: deque[float] = deque(maxlen=KEPT_BLOCKS)
        self._new = NewBlocks()

    def add(self, frames: int, arrived: float, began: float, ended: float) -> None:
        """Add a block of ``frames`` samples by the times of one clock, in seconds."""
        late = ended - arrived > max(frames / self._rate, BLOCK_SECONDS)
        self.late_blocks += late
        self._seconds.append(ended - began)
        self._new.samples += frames
        self._new.seconds.append(ended - began)
        self._new.late += late

    def take_new(self) -> NewBlocks:
        """Return what was added since the last call."""
        taken, self._new = self._new, NewBlocks()
        return taken

    def milliseconds(self) -> dict[str, float]:
        """Return median, 95th and 99th percentile of the time that a block took, in ms."""
        found = np.percentile(list(self._seconds) or [0.0], [50, 95, 99])
        return {
            name: round(1000 * float(seconds), 2)
            for name, seconds in zip(("p50", "p95", "p99"), found, strict=True)
        }
