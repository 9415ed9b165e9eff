"""Other pitch trackers, each as its own documentation uses it, on one grid of 10 ms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from autovoice_core import Audio
from autovoice_core._frames import frame_centres

HOP = 0.01
FMIN, FMAX = 50.0, 1100.0
Floats = NDArray[np.float64]
Tracker = Callable[[Audio], Floats]
"""Returns f0 every 10 ms, 0 where unvoiced."""


def swift_f0() -> Tracker:
    """Return the swift-f0 package as its README uses it."""
    import swift_f0

    detector = swift_f0.SwiftF0()

    def track(audio: Audio) -> Floats:
        found = detector.detect(audio.numpy()[0], audio.sample_rate, FMIN, FMAX)
        times = frame_centres(audio.frames, audio.sample_rate, HOP) / audio.sample_rate
        f0 = np.interp(times, found.timestamps, found.pitch_hz)
        nearest = np.rint(times / swift_f0.FRAME_PERIOD).astype(int)
        sure = found.confidence[np.minimum(nearest, len(found.confidence) - 1)]
        return np.where(sure >= 0.5, f0, 0.0)

    return track


def pyin() -> Tracker:
    """Return librosa's pYIN (Mauch and Dixon 2014)."""
    import librosa

    def track(audio: Audio) -> Floats:
        hop = round(HOP * audio.sample_rate)
        samples = audio.numpy()[0]
        f0, voiced, _ = librosa.pyin(
            samples, fmin=FMIN, fmax=FMAX, sr=audio.sample_rate, hop_length=hop
        )
        return np.where(voiced, np.nan_to_num(f0), 0.0)

    return track


def praat() -> Tracker:
    """Return Praat's autocorrelation (Boersma 1993), with its own voicing."""
    import parselmouth

    def track(audio: Audio) -> Floats:
        sound = parselmouth.Sound(audio.numpy()[0].astype(np.float64), audio.sample_rate)
        pitch = sound.to_pitch_ac(HOP, FMIN, pitch_ceiling=FMAX)
        return _nearest(pitch.xs(), pitch.selected_array["frequency"], audio)

    return track


def world(method: str) -> Callable[[], Tracker]:
    """Return WORLD's Harvest, or DIO refined by StoneMask (Morise)."""

    def opened() -> Tracker:
        import pyworld

        def track(audio: Audio) -> Floats:
            samples = audio.numpy()[0].astype(np.float64)
            rate, period = audio.sample_rate, 1000 * HOP
            if method == "harvest":
                return pyworld.harvest(samples, rate, FMIN, FMAX, period)[0]
            f0, times = pyworld.dio(samples, rate, FMIN, FMAX, frame_period=period)
            return pyworld.stonemask(samples, f0, times, rate)

        return track

    return opened


def _nearest(times: Floats, f0: Floats, audio: Audio) -> Floats:
    """Return what was found nearest to each point of the grid."""
    wanted = frame_centres(audio.frames, audio.sample_rate, HOP) / audio.sample_rate
    if not len(times):
        return np.zeros(len(wanted))
    near = np.searchsorted((times[1:] + times[:-1]) / 2, wanted)
    return np.where(np.abs(times[near] - wanted) <= HOP, f0[near], 0.0)


PEERS: dict[str, tuple[str, Callable[[], Tracker]]] = {
    "swift_f0": ("swift_f0", swift_f0),
    "Praat AC": ("parselmouth", praat),
    "Harvest": ("pyworld", world("harvest")),
    "DIO": ("pyworld", world("dio")),
    "librosa.pyin": ("librosa", pyin),
}
"""Name, the package it is in, and how it is opened."""
