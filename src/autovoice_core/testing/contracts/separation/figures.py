"""Figures of the separation tiers."""

from __future__ import annotations

from typing import Any

import numpy as np

from autovoice_core.testing.contracts.common import measures
from autovoice_core.testing.contracts.common.signals import SAMPLE_RATE, song


def separation_gain(separator: Any) -> dict[str, float]:
    """Return the vocals' SDR over that of the mixture in dB, the mean over four songs."""
    gains = []
    for seed in range(4):
        one = song(12.0, SAMPLE_RATE, seed)
        vocals = separator.separate(one.mixture).vocals.numpy()
        true = one.stems.vocals.numpy()
        gains.append(measures.sdr(true, vocals) - measures.sdr(true, one.mixture.numpy()))
    return {"gain": float(np.mean(gains))}
