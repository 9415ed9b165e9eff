"""Sound, tracks and profiles for tests of metrics."""

from __future__ import annotations

import numpy as np

from autovoice_core import Audio, PitchTrack, VoiceProfile
from autovoice_core.voices.records import Embedding, F0Range

RATE = 16_000


def embedding(angle: float, encoder: str = "resemblyzer", version: str = "1") -> Embedding:
    vector = np.array([np.cos(angle), np.sin(angle)], np.float32)
    return Embedding(encoder, version, vector)


def profile(of: Embedding | None) -> VoiceProfile:
    return VoiceProfile(
        name="Ada",
        features={},
        feature_id="none/1",
        f0_range=F0Range(200, 300, 400),
        loudness=-20,
        voiced_seconds=10,
        recordings=(),
        embedding=of,
    )


def tones(seconds: float, level: float = 0.2, pause: float = 0.1) -> Audio:
    """A tone that pauses twice a second."""
    time = np.arange(round(seconds * RATE)) / RATE
    sound = level * np.sin(2 * np.pi * 220 * time) * (time % 0.5 > pause)
    return Audio(sound.astype(np.float32)[None], RATE)


def voiced_track(seconds: float, start: float = 0.0, end: float = np.inf) -> PitchTrack:
    times = np.arange(round(100 * seconds) + 1) / 100
    voiced = (times >= start) & (times < end)
    return PitchTrack(np.where(voiced, 220.0, 0), voiced, voiced.astype(np.float32), 0.01)
