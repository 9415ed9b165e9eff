"""Figures of the conversion tiers."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core.synthetic import truth
from autovoice_core.testing.contracts.common import measures
from autovoice_core.testing.contracts.common.signals import SAMPLE_RATE, learn_voice

Floats = NDArray[np.float64]


def conversion_figures(converter: Any) -> dict[str, float]:
    """Return the f0 error in cents, and the part of the way to the target that the timbre goes.

    ``margin`` is that of the song's mean spectrum, ``least`` the lesser of both directions, and
    ``frames`` that of each frame.

    Both singers perform one score with the same f0, so that the target's performance is the right
    answer.
    """
    return _conversion_figures(getattr(converter, "inner", converter))


@cache
def _conversion_figures(converter: Any) -> dict[str, float]:
    score = truth.compose(10.0, low=180.0, high=400.0, seed=21)
    cents, margins, frames = [], [], []
    for one, other in ((truth.TENOR, truth.ALTO), (truth.ALTO, truth.TENOR)):
        source, target = (
            truth.sing(singer, sample_rate=SAMPLE_RATE, score=score, seed=21)
            for singer in (one, other)
        )
        voice = learn_voice(converter, singer=other)
        conversion = converter.begin(voice, source.pitch, SAMPLE_RATE, key=0.0)
        conversion.observe(source.audio, 0)
        result = conversion.render(source.audio, 0).numpy()[0]
        wanted, before, after = (
            measures.timbre(samples)[source.pitch.voiced[:-1]]
            for samples in (target.audio.numpy()[0], source.audio.numpy()[0], result)
        )
        cents.append(measures.f0_error(result, source.f0, SAMPLE_RATE))
        margins.append(_part_of_way(after.mean(axis=0), before.mean(axis=0), wanted.mean(axis=0)))
        frames.append(_part_of_way(after, before, wanted))
    return {
        "cents": max(cents),
        "margin": float(np.mean(margins)),
        "least": min(margins),
        "frames": float(np.mean(frames)),
    }


def _part_of_way(after: Floats, before: Floats, wanted: Floats) -> float:
    """Return the part of the way from ``before`` to ``wanted`` that ``after`` has gone."""
    return float(1 - np.mean(np.abs(after - wanted)) / np.mean(np.abs(before - wanted)))
