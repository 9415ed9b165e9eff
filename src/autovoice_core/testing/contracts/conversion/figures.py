"""Figures of the conversion tiers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core._types import Audio
from autovoice_core.synthetic import truth
from autovoice_core.synthetic.singers import Singer
from autovoice_core.testing.contracts.common import measures
from autovoice_core.testing.contracts.common.signals import SAMPLE_RATE, learn_voice
from autovoice_core.testing.contracts.common.tiers import Figures

Floats = NDArray[np.float64]

HIGH_RATE = 44_100
PANNED = (1.0, 0.6)
"""Gains of the channels in stereo."""


def conversion_figures(converter: Any) -> Figures:
    """Return the f0 error in cents, and the part of the way to the target that the timbre goes.

    ``margin`` is that of the song's mean spectrum, ``frames`` that of each frame. Both are measured
    in mono in both directions between two singers, and in stereo at a higher sample rate in one.
    """
    stereo, there, back = directions(converter)
    return {
        "at 16 kHz": {
            "cents": max(there["cents"], back["cents"]),
            "margin": (there["margin"] + back["margin"]) / 2,
            "frames": (there["frames"] + back["frames"]) / 2,
        },
        "at 44.1 kHz in stereo": stereo,
    }


def directions(converter: Any) -> Iterator[dict[str, float]]:
    """Yield those from tenor to alto in stereo at the higher rate, there in mono, and back."""
    inner = getattr(converter, "inner", converter)
    yield _figures(inner, truth.TENOR, truth.ALTO, HIGH_RATE, PANNED)
    yield _figures(inner, truth.TENOR, truth.ALTO, SAMPLE_RATE, (1.0,))
    yield _figures(inner, truth.ALTO, truth.TENOR, SAMPLE_RATE, (1.0,))


@cache
def _figures(
    converter: Any, one: Singer, other: Singer, rate: int, gains: tuple[float, ...]
) -> dict[str, float]:
    """Return the figures of a conversion from one singer to another.

    Both perform one score with the same f0, so that the target's performance is the right answer.
    """
    score = truth.compose(10.0, low=180.0, high=400.0, seed=21)
    source, target = (
        truth.sing(singer, sample_rate=rate, score=score, seed=21) for singer in (one, other)
    )
    audio = Audio(np.array(gains, np.float32)[:, np.newaxis] * source.audio.numpy(), rate)
    conversion = converter.begin(learn_voice(converter, singer=other), source.pitch, rate, key=0.0)
    conversion.observe(audio, 0)
    result = conversion.render(audio, 0).numpy()
    wanted, before, after = (
        measures.timbre(Audio(samples[np.newaxis], rate).resample(SAMPLE_RATE).numpy()[0])
        for samples in (target.audio.numpy()[0], source.audio.numpy()[0], result[-1])
    )
    voiced = source.pitch.voiced[: min(map(len, (wanted, before, after)))]
    wanted, before, after = (levels[: len(voiced)][voiced] for levels in (wanted, before, after))
    return {
        "cents": max(measures.f0_error(samples, source.f0, rate) for samples in result),
        "margin": _part_of_way(after.mean(axis=0), before.mean(axis=0), wanted.mean(axis=0)),
        "frames": _part_of_way(after, before, wanted),
    }


def _part_of_way(after: Floats, before: Floats, wanted: Floats) -> float:
    """Return the part of the way from ``before`` to ``wanted`` that ``after`` has gone."""
    return float(1 - np.mean(np.abs(after - wanted)) / np.mean(np.abs(before - wanted)))
