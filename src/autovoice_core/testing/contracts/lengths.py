"""Any length: from nothing to minutes, in memory that does not grow with them."""

from __future__ import annotations

import os
import subprocess
import sys
from math import ceil, lcm
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.typing import NDArray

from autovoice_core._types import Audio
from autovoice_core.testing.contracts.base import Contract, Place, drawn
from autovoice_core.testing.contracts.drawing import Recipe, recipes

SPANS = {"separation": (200, 1000), "pitch": (40, 400), "conversion": (40, 400)}
"""Seconds of sound from which, and to which, memory may not grow: more than core's longest window
with its context, and several times that."""

RATE, FRAME = 8_000, 80
"""Sample rate of what is long, and samples from one value of a track to the next."""


Found = tuple[NDArray[Any], ...]


class Lengths(Contract):
    """What holds for a moment holds for an hour."""

    most_channels = 1
    samples_a_value = 1
    """Samples of what is long from one value of a result to the next."""

    def hear_again(self, subject: Any, clip: Audio, frames: int) -> Found:
        """Return what ``subject`` makes of ``clip``, sung again and again for ``frames``."""
        return self.hear(subject, again(clip, frames))

    def test_any_sound_goes_through(self, place: Place) -> None:
        subject = self.subject(place)
        kinds = "tone noise click silence"

        @drawn(40, recipe=recipes(most_channels=self.most_channels, kinds=kinds))
        def holds(recipe: Recipe) -> None:
            self.hear(subject, recipe.make())

    def test_what_is_right_at_once_is_right_minutes_later(self, place: Place) -> None:
        subject = self.subject(place)
        context = ceil(subject.context * RATE)
        period = period_of(subject, 5.0)
        clip = self.sound(period / RATE, RATE, seed=6)
        clip = Audio(clip.numpy()[:, :period].copy(), RATE)
        first = period * max(1, ceil(context / period))
        least = max(60 * RATE, first + 2 * period + context)

        @drawn(2, frames=st.integers(least, least + 60 * RATE))
        def holds(frames: int) -> None:
            found = self.hear_again(subject, clip, frames)
            last = (frames - context - period) // period * period
            early, late = (
                tuple(
                    values[..., start // self.samples_a_value :][
                        ..., : period // self.samples_a_value
                    ]
                    for values in found
                )
                for start in (first, last)
            )
            fault = self.recurs(early, late)
            assert fault is None, (
                f"{self.who} gives something else after {last / RATE:.0f} s than after "
                f"{first / RATE:.0f} s for a sound that repeats itself: {fault}"
            )

    def test_memory_does_not_grow_with_the_length(self, place: Place) -> None:
        self.choose(place)
        pytest.importorskip("resource", reason="unavailable here: memory can't be measured")
        # What is bounded may still fill up; what keeps the sound itself takes all of it. An
        # allocator's peak differs from run to run, so only what grows every time has grown.
        for _ in range(4):
            grown, more = _memory(self.backend, self.operation, place)
            if grown < 0.75 * more:
                break
        short, long = SPANS[self.operation]
        assert grown < 0.75 * more, (
            f"{self.who} takes {grown / 1e6:.0f} MB more memory for {long} s of sound than for "
            f"{short} s, which is {more / 1e6:.0f} MB more of samples"
        )


def period_of(subject: Any, seconds: float) -> int:
    """Return about ``seconds`` in samples, so that windows and values may begin at each repeat."""
    unit = lcm(subject.grid(RATE), FRAME)
    return unit * max(1, int(seconds * RATE) // unit)


def again(clip: Audio, frames: int) -> Audio:
    """Return ``clip`` again and again, for ``frames``."""
    index = np.arange(frames) % clip.frames
    return Audio(np.take(clip.numpy(), index, axis=1), clip.sample_rate)


def _memory(backend: str, operation: str, place: Place) -> tuple[float, float]:
    """Return bytes of memory that more sound took, and bytes of the sound itself."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "autovoice_core.testing.contracts.remembering"]
    words = [backend, operation, place.device, place.dtype, *map(str, SPANS[operation])]
    done = subprocess.run(  # noqa: S603  # our own module
        [*command, *words], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.fail(f"{backend} fails on long sound:\n{done.stderr[-2000:]}", pytrace=False)
    grown, more = done.stdout.split()[-2:]
    return float(grown), float(more)
