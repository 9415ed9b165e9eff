"""Figures of the separation tiers."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from autovoice_core._types import Audio
from autovoice_core.testing.contracts.common import measures
from autovoice_core.testing.contracts.common.signals import SAMPLE_RATE, song
from autovoice_core.testing.contracts.common.tiers import Figures

HIGH_RATE = 44_100
SONGS = range(4)
"""Seeds of the songs."""


def separation_figures(separator: Any) -> Figures:
    """Return the vocals' SDR over that of the mixture in dB, means over four songs.

    It is measured in stereo at two sample rates, and in mono at the higher one.
    """
    inner = getattr(separator, "inner", separator)
    return {
        where: {"gain": float(np.mean([song_gain(inner, seed, *kind) for seed in SONGS]))}
        for where, kind in {
            "at 16 kHz": (12.0, SAMPLE_RATE, False),
            "at 44.1 kHz": (6.0, HIGH_RATE, False),
            "at 44.1 kHz in mono": (6.0, HIGH_RATE, True),
        }.items()
    }


@cache
def song_gain(separator: Any, seed: int, seconds: float, sample_rate: int, mono: bool) -> float:
    """Return the vocals' SDR over that of the mixture in one song, dB."""
    one = song(seconds, sample_rate, seed)
    mixture, true = one.mixture.numpy(), one.stems.vocals.numpy()
    if mono:
        mixture, true = (samples.mean(axis=0, keepdims=True) for samples in (mixture, true))
    vocals = separator.separate(Audio(mixture, sample_rate)).vocals.numpy()
    return measures.sdr(true, vocals) - measures.sdr(true, mixture)
