"""Trackers with side effects: on their input, their results, the process or each other."""

from __future__ import annotations

import time
import warnings

import numpy as np
from attrs import evolve
from autovoice_acf.tracker import Tracker
from numpy.typing import NDArray

from autovoice_core import Audio, PitchFrames
from toys.liars.pitch_accuracy import bent

Centres = NDArray[np.int64]


class Remembers(Tracker):
    def __init__(self, fmin: float, fmax: float) -> None:
        super().__init__(fmin, fmax)
        self.calls = 0

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        self.calls += 1
        return bent(super().estimate(audio, centres), 1 + 1e-9 * self.calls)


class Reuses(Tracker):
    def __init__(self, fmin: float, fmax: float) -> None:
        super().__init__(fmin, fmax)
        self.f0 = np.zeros(0)

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        if len(self.f0) != len(found.f0):
            self.f0 = np.zeros(len(found.f0))
        self.f0[:] = found.f0
        return evolve(found, f0=self.f0)


class Scribbles(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        samples = audio.numpy()
        if samples.flags.writeable:
            samples *= 0.99
        return super().estimate(audio, centres)


class WantsContiguous(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        samples = audio.numpy()
        step = samples.strides[1] // 4
        raw = np.lib.stride_tricks.as_strided(samples, samples.shape, (samples.strides[0], 4))
        misread = raw.copy() if step > 1 else samples
        return super().estimate(Audio(misread, audio.sample_rate), centres)


class OneAtATime(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        self.audio = audio
        time.sleep(0.002)
        return super().estimate(self.audio, centres)


class Chatters(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        print("tracking")  # noqa: T201
        return super().estimate(audio, centres)


class Seeds(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        np.random.seed(0)  # noqa: NPY002
        np.random.rand()  # noqa: NPY002
        np.random.seed(len(centres) + int(time.monotonic_ns() % 1000))  # noqa: NPY002
        return super().estimate(audio, centres)


class FearsNothing(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        audio.numpy().max()
        return super().estimate(audio, centres)


class Warns(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        warnings.warn("divide by zero", RuntimeWarning, stacklevel=2)
        return super().estimate(audio, centres)
