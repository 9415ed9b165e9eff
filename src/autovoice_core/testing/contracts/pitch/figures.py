"""Figures of the pitch tiers."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core._frames import frame_centres
from autovoice_core._types import Audio, PitchTrack
from autovoice_core.synthetic import truth
from autovoice_core.synthetic.singers import Singer
from autovoice_core.testing.contracts.common.signals import SAMPLE_RATE
from autovoice_core.testing.contracts.common.tiers import Figures
from autovoice_core.testing.contracts.pitch.separated import separated_vocals

HIGH_RATE = 44_100
SEPARATED_BALANCE_DB = -2.0
"""Level of the voice over that of the band in the songs whose vocals are separated."""


@cache
def _performance(singer: Singer, noisy: bool) -> truth.Sung:
    one = truth.sing(singer, 15.0, SAMPLE_RATE, seed=1)
    return truth.Sung(truth.add_noise(one.audio, 10.0), one.pitch, one.f0) if noisy else one


@cache
def _performance_at_high_rate(singer: Singer) -> truth.Sung:
    return truth.sing(singer, 5.0, HIGH_RATE, seed=7)


@cache
def _separated(singer: Singer) -> tuple[Audio, PitchTrack]:
    song = truth.song(12.0, SAMPLE_RATE, seed=1, singer=singer, balance=SEPARATED_BALANCE_DB)
    return separated_vocals(song), song.pitch


def pitch_figures(estimator: Any) -> Figures:
    """Return percentages and cents of the pitch tiers, means over four singers.

    At the higher of two sample rates only those of clean singing are measured.
    """
    return {"at 16 kHz": _low_rate_figures(estimator), "at 44.1 kHz": _high_rate_figures(estimator)}


def _high_rate_figures(estimator: Any) -> dict[str, float]:
    shares, errors = [], []
    for singer in truth.SINGERS.values():
        one = _performance_at_high_rate(singer)
        centres = frame_centres(one.audio.frames, HIGH_RATE, 0.01)
        frames = estimator.estimate(one.audio, centres)
        cents = _cents_off(as_numpy(frames.f0), one.pitch)
        shares.append(float(np.mean(cents[one.pitch.voiced] < 50)))
        errors.append(cents[one.pitch.voiced & as_numpy(frames.voiced)])
    return {"clean": 100 * float(np.mean(shares)), "cents": _median(np.concatenate(errors))}


def _low_rate_figures(estimator: Any) -> dict[str, float]:
    clean: list[float] = []
    noisy: list[float] = []
    separated: list[float] = []
    precision, errors = [], []
    for singer in truth.SINGERS.values():
        for noise in (False, True):
            one = _performance(singer, noise)
            centres = frame_centres(one.audio.frames, SAMPLE_RATE, 0.01)
            frames = estimator.estimate(one.audio, centres)
            f0, voiced, true = as_numpy(frames.f0), as_numpy(frames.voiced), one.pitch
            cents = _cents_off(f0, true)
            (noisy if noise else clean).append(float(np.mean(cents[true.voiced] < 50)))
            if not noise:
                precision.append(np.mean(true.voiced[voiced]) if voiced.any() else 0.0)
                errors.append(cents[true.voiced & voiced])
        vocals, true = _separated(singer)
        centres = frame_centres(vocals.frames, SAMPLE_RATE, 0.01)
        cents = _cents_off(as_numpy(estimator.estimate(vocals, centres).f0), true)
        separated.append(float(np.mean(cents[true.voiced] < 50)))
    return {
        "clean": 100 * float(np.mean(clean)),
        "noisy": 100 * float(np.mean(noisy)),
        "separated": 100 * float(np.mean(separated)),
        "precision": 100 * float(np.mean(precision)),
        "cents": _median(np.concatenate(errors)),
    }


def _cents_off(f0: NDArray[np.float64], true: PitchTrack) -> NDArray[np.float64]:
    cents: NDArray[np.float64] = np.abs(
        1200 * np.log2(np.maximum(f0, 1e-6) / np.maximum(true.f0, 1.0))
    )
    return cents


def _median(values: NDArray[np.float64]) -> float:
    return float(np.median(values)) if values.size else float("inf")
