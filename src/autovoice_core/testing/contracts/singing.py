"""Singing for contracts, made once, and the figures that are measured on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core._grid import frame_centres
from autovoice_core._types import Audio, PitchTrack
from autovoice_core.testing import truth
from autovoice_core.testing.score import Score
from autovoice_core.testing.singers import VOWELS, Singer
from autovoice_core.voices.profile import F0Range, VoiceProfile

__all__ = [
    "VOWELS",
    "band_power",
    "conversion_figures",
    "delay",
    "envelope_lag",
    "features_of",
    "held",
    "louder",
    "off_pitch",
    "pitch_figures",
    "repeated_pitch",
    "sdr",
    "separation_gain",
    "song",
    "sung",
    "voice_for",
]

RATE = 16_000
POINTS = 1000
"""Points of a score in a second."""
Floats = NDArray[np.float64]


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


@cache
def _performance(singer: Singer, noisy: bool) -> truth.Sung:
    one = truth.sing(singer, 15.0, RATE, seed=1)
    return truth.Sung(truth.add_noise(one.audio, 10.0), one.pitch, one.f0) if noisy else one


def pitch_figures(estimator: Any) -> dict[str, float]:
    """Return percentages and cents of the pitch tiers, the mean over four singers."""
    clean: list[float] = []
    noisy: list[float] = []
    precision, errors = [], []
    for singer in truth.SINGERS.values():
        for spoilt in (False, True):
            one = _performance(singer, spoilt)
            centres = frame_centres(one.audio.frames, RATE, 0.01)
            frames = estimator.estimate(one.audio, centres)
            f0, voiced, true = as_numpy(frames.f0), as_numpy(frames.voiced), one.pitch
            cents = 1200 * np.abs(np.log2(np.maximum(f0, 1e-6) / np.maximum(true.f0, 1.0)))
            (noisy if spoilt else clean).append(np.mean(cents[true.voiced] < 50))
            if not spoilt:
                precision.append(np.mean(true.voiced[voiced]) if voiced.any() else 0.0)
                errors.append(cents[true.voiced & voiced])
    return {
        "clean": 100 * float(np.mean(clean)),
        "noisy": 100 * float(np.mean(noisy)),
        "precision": 100 * float(np.mean(precision)),
        "cents": _median(np.concatenate(errors)),
    }


def delay(track: Callable[[Audio], Floats], hop: float, rate: int = RATE) -> float:
    """Return by how many seconds ``track`` is late, heard on glides up and down."""
    slope = 1200.0
    time = np.arange(int(1.2 * rate)) / rate
    late = []
    for direction in (1, -1):
        cents = direction * slope * (time - 0.6)
        f0 = track(truth.tone(300.0 * 2 ** (cents / 1200), rate))
        at = frame_centres(len(time), rate, hop) / rate
        inner = (at > 0.2) & (at < 1.0) & (f0 > 0)
        true = direction * slope * (at - 0.6)
        error = 1200 * np.log2(np.maximum(f0, 1e-6) / 300.0) - true
        late.append(-direction * np.median(error[inner]) / slope if inner.any() else np.inf)
    return float(np.mean(late))


def separation_gain(separator: Any) -> dict[str, float]:
    """Return by how many dB the vocals' SDR exceeds the mixture's, the mean over four songs."""
    gains = []
    for seed in range(4):
        one = song(12.0, RATE, seed)
        vocals = separator.separate(one.mixture).vocals.numpy()
        true = one.stems.vocals.numpy()
        gains.append(sdr(true, vocals) - sdr(true, one.mixture.numpy()))
    return {"gain": float(np.mean(gains))}


def sdr(true: NDArray[Any], found: NDArray[Any]) -> float:
    """Return the signal-to-distortion ratio, dB."""
    wide = true.astype(np.float64)
    error = float(np.sum((wide - found) ** 2))
    return 10 * float(np.log10(max(float(np.sum(wide**2)), 1e-20) / max(error, 1e-20)))


def louder(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Return by how many dB ``other`` is louder than ``one``."""
    powers = (float(np.mean(samples**2, dtype=float)) + 1e-12 for samples in (other, one))
    return 10 * float(np.log10(next(powers) / next(powers)))


def band_power(samples: NDArray[Any], sample_rate: int, low: float, high: float) -> float:
    """Return the mean power between ``low`` and ``high`` Hz."""
    power = np.abs(np.fft.rfft(samples.astype(np.float64), axis=1)) ** 2
    frequency = np.fft.rfftfreq(samples.shape[1], 1 / sample_rate)
    within = (frequency >= low) & (frequency < high)
    return float(2 * power[:, within].sum() / samples.shape[1] / samples.size)


def conversion_figures(converter: Any) -> dict[str, float]:
    """Return cents of f0, and which part of the way from one singer to another the timbre goes.

    ``margin`` is of the whole song's average spectrum, ``least`` the lesser of both directions',
    ``frames`` of each moment's.

    Both sing one score with the same f0, so that the other's own performance is the right answer.
    """
    inner = getattr(converter, "inner", converter)
    return _conversion_figures(inner)


@cache
def _conversion_figures(converter: Any) -> dict[str, float]:
    score = truth.compose(10.0, low=180.0, high=400.0, seed=21)
    cents, margins, frames = [], [], []
    for one, other in ((truth.TENOR, truth.ALTO), (truth.ALTO, truth.TENOR)):
        source, target = (
            truth.sing(singer, sample_rate=RATE, score=score, seed=21) for singer in (one, other)
        )
        voice = voice_for(converter, singer=other)
        conversion = converter.begin(voice, source.pitch, RATE, key=0.0)
        conversion.observe(source.audio, 0)
        result = conversion.render(source.audio, 0).numpy()[0]
        wanted, before, after = (
            _timbre(samples)[source.pitch.voiced[:-1]]
            for samples in (target.audio.numpy()[0], source.audio.numpy()[0], result)
        )
        cents.append(off_pitch(result, source.f0, RATE))
        margins.append(_nearer(after.mean(axis=0), before.mean(axis=0), wanted.mean(axis=0)))
        frames.append(_nearer(after, before, wanted))
    return {
        "cents": max(cents),
        "margin": float(np.mean(margins)),
        "least": min(margins),
        "frames": float(np.mean(frames)),
    }


def _nearer(after: Floats, before: Floats, wanted: Floats) -> float:
    """Return which part of the way from ``before`` to ``wanted`` lies behind ``after``."""
    return float(1 - np.mean(np.abs(after - wanted)) / np.mean(np.abs(before - wanted)))


def _timbre(samples: NDArray[Any]) -> Floats:
    """Return log levels in 24 bands on a mel-like axis every 10 ms, without the loudness."""
    size, hop = 1024, RATE // 100
    padded = np.pad(samples.astype(np.float64), size // 2)
    count = len(samples) // hop
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop][:count]
    power = np.abs(np.fft.rfft(frames * np.hanning(size))) ** 2
    mel = 1127 * np.log1p(np.fft.rfftfreq(size, 1 / RATE) / 700)
    edges = np.linspace(mel[3], mel[-1], 26)
    bands = np.maximum(0, 1 - np.abs(mel[:, None] - edges[1:-1]) / (edges[1] - edges[0]))
    level = 10 * np.log10(power @ bands + 1e-9)
    return np.asarray(level - level.mean(axis=1, keepdims=True))


def off_pitch(samples: NDArray[Any], f0: Floats, sample_rate: int) -> float:
    """Return the median distance in cents of a voice from the f0 it should have, sample by sample.

    Each of the lowest harmonics is turned back by the phase that it should have; how fast what
    is left still turns is its error.
    """
    frames = min(len(samples), len(f0))
    wanted, sound = np.maximum(f0[:frames], 1.0), samples[:frames].astype(np.float64)
    phase = 2 * np.pi * np.cumsum(wanted) / sample_rate
    step, window = sample_rate // 200, np.hanning(sample_rate // 25)
    span = np.flatnonzero(
        np.convolve(f0[:frames] > 0, np.ones(len(window)), "same") > len(window) - 1
    )
    span = span[(span >= len(window)) & (span < frames - len(window))]
    if not span.size:
        return float("inf")
    total, weight = np.zeros(len(span)), np.full(len(span), 1e-12)
    for k in (1, 2, 3, 4):
        turned_back = np.fft.fft(sound * np.exp(-1j * k * phase), 2 * frames)
        left = np.fft.ifft(turned_back * np.fft.fft(window, 2 * frames))
        left = left[len(window) // 2 :][:frames]
        turned = np.angle(left[span + step // 2] * np.conj(left[span - step // 2]))
        error = turned * sample_rate / (2 * np.pi * step * k)
        strength = np.abs(left[span]) ** 2
        total += strength * error
        weight += strength
    cents = 1200 * np.log2(np.maximum(1 + total / weight / wanted[span], 1e-3))
    return float(np.median(np.abs(cents)))


def envelope_lag(one: NDArray[Any], other: NDArray[Any], sample_rate: int) -> float:
    """Return by how many seconds the loudness of ``other`` follows that of ``one``."""
    smooth = np.hanning(sample_rate // 100)
    a, b = (np.convolve(np.abs(x).astype(np.float64), smooth, "same") for x in (one, other))
    size = 2 * len(a)
    a, b = a - a.mean(), b - b.mean()
    across = np.fft.irfft(np.conj(np.fft.rfft(a, size)) * np.fft.rfft(b, size), size)
    lag = int(np.argmax(across))
    return (lag - size if lag > len(a) else lag) / sample_rate


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


def _median(values: Floats) -> float:
    return float(np.median(values)) if values.size else float("inf")
