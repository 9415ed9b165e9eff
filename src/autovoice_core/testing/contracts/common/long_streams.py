"""Tests of a stream that goes on for minutes: its result stays, and so does its memory."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np

from autovoice_core._types import Audio
from autovoice_core.testing.contracts.common.contract import Place, Result, slow
from autovoice_core.testing.contracts.common.lengths import (
    MAX_MEMORY_GROWTH,
    SAMPLE_RATE,
    repeat_period,
)
from autovoice_core.testing.contracts.common.memory_probe import allocation_counter
from autovoice_core.testing.contracts.common.stream_blocks import StreamBlocks, cut

BLOCK = SAMPLE_RATE // 2
LONG_STREAM_SECONDS = 160
"""Length of all that is fed."""
WARM_SECONDS = 20
"""Seconds after which a stream has allocated what it needs."""
REST_SECONDS = 10
"""Seconds of sound at the end."""


class LongStreams(StreamBlocks):
    """Tests of a sound that repeats, rests and goes on, fed for minutes."""

    @slow
    def test_a_stream_does_not_tire(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        period = repeat_period(subject, 2.0)
        clip = cut(self.signal(period / SAMPLE_RATE, SAMPLE_RATE, seed=6), 0, period)
        stream, step = self.stream(subject, SAMPLE_RATE), period // self.samples_per_value
        first: list[Any] = []
        last: deque[Any] = deque(maxlen=2 + 3 * period // BLOCK)
        allocated, given, before, warm = allocation_counter(), 0, 0, WARM_SECONDS * SAMPLE_RATE
        for fed, block in _blocks(clip, LONG_STREAM_SECONDS * SAMPLE_RATE):
            output = stream.feed(block)
            if given < 3 * step:
                first.append(output)
            last.append(output)
            given += len(self.joined([output])[0].T)
            if fed == warm:
                gc.collect()
                before = allocated()
        gc.collect()
        grown, more = (
            allocated() - before,
            clip.channels * 4 * (LONG_STREAM_SECONDS * SAMPLE_RATE - warm),
        )
        early, late = self.joined(first), self.joined(list(last))
        missing = given - len(late[0].T)
        at = given // step * step - step
        fault = self.repeat_difference(
            _part(early, 2 * step, step), _part(late, at - missing, step)
        )
        assert fault is None, (
            f"a stream of {self.backend} gives another result after "
            f"{at * self.samples_per_value / SAMPLE_RATE:.0f} s: {fault}"
        )
        assert grown < MAX_MEMORY_GROWTH * more, (
            f"a stream of {self.backend} keeps what it is fed: {grown / 1e6:.1f} MB more after "
            f"{more / 1e6:.1f} MB of sound"
        )


def _blocks(clip: Audio, frames: int) -> Iterator[tuple[int, Audio]]:
    """Yield blocks of ``clip`` repeated, and how many samples there have been with each.

    Most of them are silent, as some streams take little time for silence.
    """
    warm, resumed = WARM_SECONDS * SAMPLE_RATE, frames - REST_SECONDS * SAMPLE_RATE
    for start in range(0, frames, BLOCK):
        index = np.arange(start, start + BLOCK) % clip.frames
        gain = np.float32(not warm <= start < resumed)
        yield start + BLOCK, Audio(gain * np.take(clip.numpy(), index, axis=1), clip.sample_rate)


def _part(result: Result, start: int, count: int) -> Result:
    return tuple(values[..., start : start + count] for values in result)
