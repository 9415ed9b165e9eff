"""Singing for contracts, made once, and voices that are learnt from it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core._frames import frame_centres
from autovoice_core._types import Audio, PitchTrack
from autovoice_core.synthetic import truth
from autovoice_core.synthetic.phonemes import VOWELS
from autovoice_core.synthetic.score import Score
from autovoice_core.synthetic.singers import Singer
from autovoice_core.voices.profile import F0Range, VoiceProfile

__all__ = ["RATE", "VOWELS", "features_of", "held", "repeated_pitch", "song", "sung", "voice_for"]

RATE = 16_000
POINTS = 1000
"""Points of a score in a second."""


@cache
def sung(seconds: float, sample_rate: int, seed: int) -> truth.Sung:
    """Return a tenor singing without a break at the beginning."""
    score = truth.compose(seconds + 1.0, low=130.0, high=500.0, seed=seed, breaths=False)
    late = int(0.4 * POINTS)
    parts = {name: getattr(score, name)[late:] for name in Score.__annotations__}
    whole = truth.sing(truth.TENOR, sample_rate=sample_rate, seed=seed, score=Score(**parts))
    frames = round(seconds * sample_rate)
    audio = Audio(whole.audio.numpy()[:, :frames].copy(), sample_rate)
    cut = truth.Sung(audio, whole.pitch, whole.f0[:frames])
    return truth.Sung(audio, cut.track(0.01), cut.f0)


@cache
def song(seconds: float, sample_rate: int, seed: int) -> truth.Song:
    """Return a singer over a band, the singer's voice and channels differing by the seed."""
    singer = list(truth.SINGERS.values())[seed % len(truth.SINGERS)]
    return truth.song(seconds, sample_rate, seed, singer=singer)


@cache
def held(singer: Singer, vowel: str, f0: float) -> truth.Sung:
    """Return one vowel held on one note for 0.6 s."""
    points = int(0.6 * POINTS) + 2
    nothing = np.zeros(points)
    score = Score(
        f0=np.full(points, f0),
        voice=np.ones(points),
        breath=nothing,
        hiss=nothing,
        centre=np.full(points, 4000.0),
        width=np.full(points, 2000.0),
        formants=np.tile(VOWELS[vowel], (points, 1)),
    )
    return truth.sing(singer, sample_rate=RATE, score=score)


def features_of(
    converter: Any, sample_rate: int = RATE, singer: Singer = truth.ALTO
) -> dict[str, NDArray[Any]]:
    """Return what a converter learns from 20 s of a singer."""
    one = truth.sing(singer, 20.0, sample_rate, seed=11)
    return dict(converter.learn([(one.audio, one.pitch)]))


def voice_for(converter: Any, sample_rate: int = RATE, singer: Singer = truth.ALTO) -> VoiceProfile:
    """Return the profile that a converter learns from 20 s of a singer."""
    one = truth.sing(singer, 20.0, sample_rate, seed=11)
    f0 = one.pitch.f0[one.pitch.voiced]
    return VoiceProfile(
        name=singer.name,
        features=features_of(converter, sample_rate, singer),
        feature_id=converter.feature_id,
        f0_range=F0Range(*np.percentile(f0, (5, 50, 95))),
        loudness=-20.0,
        voiced_seconds=float(one.pitch.voiced.sum() * one.pitch.hop),
        recordings=(),
    )


def repeated_pitch(seconds: float) -> PitchTrack:
    """Return the pitch of the clip that the memory test repeats."""
    one = truth.song(10.0, RATE).pitch
    index = np.arange(len(frame_centres(round(seconds * RATE), RATE, one.hop))) % 1000
    return PitchTrack(one.f0[index], one.voiced[index], one.confidence[index], one.hop)
