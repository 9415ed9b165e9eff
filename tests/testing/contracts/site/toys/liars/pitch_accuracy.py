"""Trackers whose f0, voicing or confidence is wrong, always or in some cases."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve
from autovoice_acf.tracker import Tracker
from numpy.typing import NDArray

from autovoice_core import Audio, PitchFrames

Centres = NDArray[np.int64]


def bent(frames: PitchFrames, factor: Any) -> PitchFrames:
    """Return a track with f0 times ``factor``."""
    return evolve(frames, f0=frames.f0 * factor)


def masked(frames: PitchFrames, keep: Any) -> PitchFrames:
    """Return a track that is unvoiced wherever ``keep`` is false."""
    f0 = np.where(keep, frames.f0, 0.0)
    return PitchFrames(f0, f0 > 0, frames.confidence)


class Sharp(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        return bent(super().estimate(audio, centres), 2 ** (30 / 1200))


class Late(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        return super().estimate(audio, np.maximum(centres - audio.sample_rate // 100, 0))


class Octave(Tracker):
    """Tracks /u/, whose upper formants are weak, an octave low."""

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        power = np.abs(np.fft.rfft(audio.numpy()[0])) ** 2
        frequency = np.fft.rfftfreq(audio.frames, 1 / audio.sample_rate)
        dark = power[frequency > 1200].sum() < 1e-3 * power.sum()
        return bent(super().estimate(audio, centres), 0.5 if dark else 1.0)


class HighOctave(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return bent(found, np.where(found.f0 > 420, 0.5, 1.0))


class DeafToRate(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return bent(found, 1.0 if audio.sample_rate < 100_000 else 0.9)


class DeafToRange(Tracker):
    def __init__(self, fmin: float, fmax: float) -> None:
        super().__init__(50, 1100)


class Smooth(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        if not found.voiced.all() or len(centres) < 30:
            return found
        kernel = np.ones(15) / 15
        return evolve(found, f0=np.convolve(np.pad(found.f0, 7, "edge"), kernel, "valid"))


class HearsVoices(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        f0 = np.where(found.voiced, found.f0, 100.0)
        return PitchFrames(f0, f0 > 0, found.confidence)


class LikesNoise(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        loud = np.abs(audio.numpy()).max(initial=0.0) > 0
        f0 = np.where(found.voiced, found.f0, 100.0 * loud)
        return PitchFrames(f0, f0 > 0, found.confidence)


class LikesLoud(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        f0 = found.f0 * (np.abs(audio.numpy()).max(initial=0.0) > 0.05)
        return PitchFrames(f0, f0 > 0, found.confidence)


class AlwaysSure(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return evolve(found, confidence=np.ones_like(found.confidence))


class ShortSighted(Tracker):
    context = 0.001


class OffTheGrid(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return bent(found, 1 + 0.01 * np.sin(centres / audio.sample_rate))


class LateAt48K(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        late = audio.sample_rate // 200 if audio.sample_rate == 48_000 else 0
        return super().estimate(audio, np.maximum(centres - late, 0))


class MissesEdges(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return masked(found, centres < audio.frames - 0.025 * audio.sample_rate)


class Bleeds(Tracker):
    """Holds a note for 60 ms after its end."""

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        before = super().estimate(audio, np.maximum(centres - audio.sample_rate * 3 // 50, 0))
        f0 = np.where(found.voiced, found.f0, before.f0)
        return PitchFrames(f0, f0 > 0, found.confidence)


class HatesOffset(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        offset = abs(float(audio.numpy().mean())) if audio.frames else 0.0
        return masked(super().estimate(audio, centres), offset < 0.02)


class NeedsFundamental(Tracker):
    """Tracks a sound without its fundamental an octave high."""

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        power = np.abs(np.fft.rfft(audio.numpy()[0])) ** 2
        low = power[: round(250 * audio.frames / audio.sample_rate) + 1].sum()
        return bent(found, 2.0 if low < 1e-4 * power.sum() else 1.0)


class EvenSteps(Tracker):
    """Assumes that positions are evenly spaced."""

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        if len(centres) > 1:
            centres = np.linspace(centres[0], centres[-1], len(centres)).astype(np.int64)
        return super().estimate(audio, centres)


class Retunes(Tracker):
    """All trackers look where the last one was changed_controls to look."""

    shared: tuple[int, int]

    def __init__(self, fmin: float, fmax: float) -> None:
        super().__init__(fmin, fmax)
        Retunes.shared = (self.shortest, self.longest)

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        self.shortest, self.longest = Retunes.shared
        return super().estimate(audio, centres)
