"""Tests of sounds of any length: from no sample to minutes, in memory that does not grow."""

from __future__ import annotations

import os
import subprocess
import sys
from math import ceil, lcm
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from autovoice_core._types import Audio
from autovoice_core.testing.contracts.common.contract import Contract, Place, Result, slow
from autovoice_core.testing.contracts.common.strategies import (
    SignalSpec,
    for_examples,
    signal_specs,
)

MEMORY_TEST_SECONDS = {"separation": (200, 1000), "pitch": (40, 400), "conversion": (40, 240)}
"""Two lengths between which memory may not grow: more than core's longest window with its
context, and several times that."""
MAX_MEMORY_GROWTH = 0.4
"""Bytes allocated for each byte of samples more.

Keeping the sound takes one, in float16 half; what a converter observes of each frame took 0.27.
"""
LONG_SECONDS = 170
"""Length of a sound whose end must be as its beginning."""

SAMPLE_RATE, SAMPLES_PER_FRAME = 8_000, 80
"""Sample rate of long sounds, and samples from one frame of a track to the next."""


class Lengths(Contract):
    """Tests that the result does not depend on how long a sound goes on."""

    max_channels = 1
    samples_per_value = 1
    """Samples of a long sound from one value of the result to the next."""

    def run_repeated(self, subject: Any, clip: Audio, frames: int) -> Result:
        """Return the result of ``subject`` for ``clip`` repeated to a length of ``frames``."""
        return self.run(subject, repeated(clip, frames))

    def test_any_sound_goes_through(self, place: Place) -> None:
        subject = self.subject(place)
        kinds = "tone noise click silence"

        @for_examples(40, spec=signal_specs(max_channels=self.max_channels, kinds=kinds))
        def check(spec: SignalSpec) -> None:
            self.run(subject, spec.make())

    @slow
    def test_what_is_right_at_once_is_right_minutes_later(self, place: Place) -> None:
        subject = self.subject(place)
        context = ceil(subject.context * SAMPLE_RATE)
        period = repeat_period(subject, 5.0)
        clip = self.signal(period / SAMPLE_RATE, SAMPLE_RATE, seed=6)
        clip = Audio(clip.numpy()[:, :period].copy(), SAMPLE_RATE)
        first = period * max(1, ceil(context / period))
        least = max(LONG_SECONDS * SAMPLE_RATE, first + 2 * period + context)

        @for_examples(1, frames=st.integers(least, least + 10 * SAMPLE_RATE))
        def check(frames: int) -> None:
            found = self.run_repeated(subject, clip, frames)
            last = (frames - context - period) // period * period
            early, late = (
                tuple(
                    values[..., start // self.samples_per_value :][
                        ..., : period // self.samples_per_value
                    ]
                    for values in found
                )
                for start in (first, last)
            )
            fault = self.repeat_difference(early, late)
            assert fault is None, (
                f"{self.backend}: for a sound that repeats, the result after "
                f"{last / SAMPLE_RATE:.0f} s is not that after {first / SAMPLE_RATE:.0f} s: {fault}"
            )

    def test_a_loud_sound_far_away_changes_nothing(self, place: Place) -> None:
        subject = self.subject(place)
        kept, burst = 2 * SAMPLE_RATE, SAMPLE_RATE // 2
        frames = kept + ceil(subject.context * SAMPLE_RATE) + burst
        quiet = self.signal(frames / SAMPLE_RATE, SAMPLE_RATE).numpy()[:, :frames] / 20
        loud = quiet.copy()
        loud[:, -burst:] = np.random.default_rng(0).uniform(-1, 1, (len(quiet), burst))
        plain, other = (
            tuple(
                values[..., : kept // self.samples_per_value]
                for values in self.run(subject, Audio(samples, SAMPLE_RATE))
            )
            for samples in (quiet, loud)
        )
        fault = self.distant_difference(plain, other)
        assert fault is None, (
            f"{self.backend} gives another result if a sound {subject.context:g} s later, beyond "
            f"the context that it states, is loud: {fault}"
        )

    def test_a_sound_is_there_to_its_end(self, place: Place) -> None:
        subject = self.subject(place)
        for rate in (16_000, 44_100):
            sound = self.signal(2.0, rate, seed=3)
            ended = self.run(subject, until_loud(sound))
            fault = self.difference_at_end(self.run(subject, sound), ended, rate)
            assert fault is None, (
                f"{self.backend}: of a sound at {rate} Hz that stops, the end is not as if it went "
                f"on: {fault}"
            )

    @slow
    def test_memory_does_not_grow_with_the_length(self, place: Place) -> None:
        self.choose(place)
        grown, more = _memory_growth(self.backend, self.operation, place)
        short, long = MEMORY_TEST_SECONDS[self.operation]
        assert grown < MAX_MEMORY_GROWTH * more, (
            f"{self.backend} takes {grown / 1e6:.0f} MB more memory for {long} s of sound than "
            f"for {short} s, whose samples differ by {more / 1e6:.0f} MB"
        )


def until_loud(audio: Audio) -> Audio:
    """Return a sound until the loudest 20 ms in its last second end."""
    size = audio.sample_rate // 50
    power = np.square(audio.numpy().astype(np.float64)).sum(axis=0)
    level = np.convolve(power, np.ones(size), "valid")
    first = max(0, audio.frames - audio.sample_rate)
    last = max(first + 1, audio.frames - audio.sample_rate // 5)
    frames = first + int(np.argmax(level[first:last])) + size
    return Audio(audio.numpy()[:, :frames].copy(), audio.sample_rate)


def repeat_period(subject: Any, seconds: float) -> int:
    """Return about ``seconds`` in samples, a multiple of the subject's grid and of a frame."""
    unit = lcm(subject.grid(SAMPLE_RATE), SAMPLES_PER_FRAME)
    return unit * max(1, int(seconds * SAMPLE_RATE) // unit)


def repeated(clip: Audio, frames: int) -> Audio:
    """Return ``clip`` repeated to a length of ``frames``."""
    index = np.arange(frames) % clip.frames
    return Audio(np.take(clip.numpy(), index, axis=1), clip.sample_rate)


def _memory_growth(backend: str, operation: str, place: Place) -> tuple[float, float]:
    """Return the growth of memory with a longer sound, and that of its samples, in bytes."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "autovoice_core.testing.contracts.common.memory_probe"]
    arguments = [
        backend,
        operation,
        place.device,
        place.dtype,
        *map(str, MEMORY_TEST_SECONDS[operation]),
    ]
    done = subprocess.run(  # noqa: S603  # our own module
        [*command, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.fail(f"{backend} fails on a long sound:\n{done.stderr[-2000:]}", pytrace=False)
    grown, more = done.stdout.split()[-2:]
    return float(grown), float(more)
