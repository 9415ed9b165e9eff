"""Figures of the pitch tiers."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core._frames import frame_centres
from autovoice_core.synthetic import truth
from autovoice_core.synthetic.singers import Singer
from autovoice_core.testing.contracts.common.signals import SAMPLE_RATE


@cache
def _performance(singer: Singer, noisy: bool) -> truth.Sung:
    one = truth.sing(singer, 15.0, SAMPLE_RATE, seed=1)
    return truth.Sung(truth.add_noise(one.audio, 10.0), one.pitch, one.f0) if noisy else one


def pitch_figures(estimator: Any) -> dict[str, float]:
    """Return percentages and cents of the pitch tiers, means over four singers."""
    clean: list[float] = []
    noisy: list[float] = []
    precision, errors = [], []
    for singer in truth.SINGERS.values():
        for noise in (False, True):
            one = _performance(singer, noise)
            centres = frame_centres(one.audio.frames, SAMPLE_RATE, 0.01)
            frames = estimator.estimate(one.audio, centres)
            f0, voiced, true = as_numpy(frames.f0), as_numpy(frames.voiced), one.pitch
            cents = 1200 * np.abs(np.log2(np.maximum(f0, 1e-6) / np.maximum(true.f0, 1.0)))
            (noisy if noise else clean).append(np.mean(cents[true.voiced] < 50))
            if not noise:
                precision.append(np.mean(true.voiced[voiced]) if voiced.any() else 0.0)
                errors.append(cents[true.voiced & voiced])
    return {
        "clean": 100 * float(np.mean(clean)),
        "noisy": 100 * float(np.mean(noisy)),
        "precision": 100 * float(np.mean(precision)),
        "cents": _median(np.concatenate(errors)),
    }


def _median(values: NDArray[np.float64]) -> float:
    return float(np.median(values)) if values.size else float("inf")
