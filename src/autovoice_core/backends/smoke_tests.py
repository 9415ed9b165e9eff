"""Smoke tests for probes: small pieces of real work with known results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autovoice_core._types import Audio


def stems_add_up(separator: Any) -> bool:
    """Whether the stems of half a second of noise add up to it."""
    noise = np.random.default_rng(0).standard_normal((1, 4000)).astype(np.float32)
    stems = separator.separate(Audio(noise, 8000))
    off = np.abs(stems.vocals.numpy() + stems.accompaniment.numpy() - noise).max()
    return bool(off <= 1e-4)


def oscillators_oscillate(oscillators: Callable[..., Any], xp: Any) -> bool:
    """Whether an oscillator completes one period of a cosine."""
    cycles = np.arange(8) / 8
    phase, ones = xp.asarray(cycles), xp.asarray(np.ones((2, 1), np.float32))
    tone = oscillators(phase, ones, 0.0 * ones, 8.0)
    samples = Audio(tone[None, :], 8000).numpy()[0]
    return np.allclose(samples, np.cos(2.0 * np.pi * cycles), atol=1e-5)
