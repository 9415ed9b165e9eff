"""The figures by which the quality tiers are judged."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core._frames import frame_centres
from autovoice_core.synthetic import truth
from autovoice_core.synthetic.singers import Singer
from autovoice_core.testing.contracts import measuring
from autovoice_core.testing.contracts.singing import RATE, song, voice_for

Floats = NDArray[np.float64]


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


def separation_gain(separator: Any) -> dict[str, float]:
    """Return by how many dB the vocals' SDR exceeds the mixture's, the mean over four songs."""
    gains = []
    for seed in range(4):
        one = song(12.0, RATE, seed)
        vocals = separator.separate(one.mixture).vocals.numpy()
        true = one.stems.vocals.numpy()
        gains.append(measuring.sdr(true, vocals) - measuring.sdr(true, one.mixture.numpy()))
    return {"gain": float(np.mean(gains))}


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
            measuring.timbre(samples)[source.pitch.voiced[:-1]]
            for samples in (target.audio.numpy()[0], source.audio.numpy()[0], result)
        )
        cents.append(measuring.off_pitch(result, source.f0, RATE))
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


def _median(values: Floats) -> float:
    return float(np.median(values)) if values.size else float("inf")
