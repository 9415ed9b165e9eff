"""Singing that contracts use as input, synthesised once, and voices learnt from it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core._frames import frame_centres
from autovoice_core._types import Audio, PitchTrack
from autovoice_core.synthetic import truth
from autovoice_core.synthetic.melody import CONTOUR_RATE
from autovoice_core.synthetic.phonemes import VOWELS
from autovoice_core.synthetic.score import Score
from autovoice_core.synthetic.singers import Singer
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.records import F0Range

SAMPLE_RATE = 16_000


@cache
def singing(seconds: float, sample_rate: int, seed: int) -> truth.Sung:
    """Return a tenor who sings from the first sample on."""
    score = truth.compose(seconds + 1.0, low=130.0, high=500.0, seed=seed, breaths=False)
    lead_in = int(0.4 * CONTOUR_RATE)
    parts = {name: getattr(score, name)[lead_in:] for name in Score.__annotations__}
    whole = truth.sing(truth.TENOR, sample_rate=sample_rate, seed=seed, score=Score(**parts))
    frames = round(seconds * sample_rate)
    audio = Audio(whole.audio.numpy()[:, :frames].copy(), sample_rate)
    cut = truth.Sung(audio, whole.pitch, whole.f0[:frames])
    return truth.Sung(audio, cut.track(0.01), cut.f0)


@cache
def song(seconds: float, sample_rate: int, seed: int) -> truth.Song:
    """Return a singer over a band; the seed also chooses the singer."""
    singer = list(truth.SINGERS.values())[seed % len(truth.SINGERS)]
    return truth.song(seconds, sample_rate, seed, singer=singer)


@cache
def sustained_vowel(singer: Singer, vowel: str, f0: float) -> truth.Sung:
    """Return one vowel on one note, 0.6 s long."""
    points = int(0.6 * CONTOUR_RATE) + 2
    zeros = np.zeros(points)
    score = Score(
        f0=np.full(points, f0),
        voice=np.ones(points),
        breath=zeros,
        hiss=zeros,
        centre=np.full(points, 4000.0),
        width=np.full(points, 2000.0),
        formants=np.tile(VOWELS[vowel], (points, 1)),
    )
    return truth.sing(singer, sample_rate=SAMPLE_RATE, score=score)


def learn_features(
    converter: Any, sample_rate: int = SAMPLE_RATE, singer: Singer = truth.ALTO
) -> dict[str, NDArray[Any]]:
    """Return the features that a converter learns from 20 s of a singer."""
    sung = truth.sing(singer, 20.0, sample_rate, seed=11)
    return dict(converter.learn([(sung.audio, sung.pitch)]))


def learn_voice(
    converter: Any, sample_rate: int = SAMPLE_RATE, singer: Singer = truth.ALTO
) -> VoiceProfile:
    """Return the profile of the voice that a converter learns from 20 s of a singer."""
    sung = truth.sing(singer, 20.0, sample_rate, seed=11)
    f0 = sung.pitch.f0[sung.pitch.voiced]
    return VoiceProfile(
        name=singer.name,
        features=learn_features(converter, sample_rate, singer),
        feature_id=converter.feature_id,
        f0_range=F0Range(*np.percentile(f0, (5, 50, 95))),
        loudness=-20.0,
        voiced_seconds=float(sung.pitch.voiced.sum() * sung.pitch.hop),
        recordings=(),
    )


def repeated_pitch(seconds: float) -> PitchTrack:
    """Return the pitch of the clip that the memory test repeats."""
    one = truth.song(10.0, SAMPLE_RATE).pitch
    index = np.arange(len(frame_centres(round(seconds * SAMPLE_RATE), SAMPLE_RATE, one.hop))) % 1000
    return PitchTrack(one.f0[index], one.voiced[index], one.confidence[index], one.hop)
