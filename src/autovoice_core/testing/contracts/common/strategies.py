"""Hypothesis strategies for sounds of any length, rate, number of channels and level."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from attrs import frozen
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from autovoice_core._types import Audio

COMMON_RATES = (8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000)

MAX_SAMPLES = 60_000
"""Largest number of samples of a drawn sound, all channels together; keeps tests quick."""


@frozen
class SignalSpec:
    """Parameters of a sound, few enough that a failing example can be read."""

    kind: str
    frames: int
    sample_rate: int
    channels: int = 1
    gain: float = 1.0
    seed: int = 0

    def make(self) -> Audio:
        """Return the sound."""
        rng = np.random.default_rng(self.seed)
        time = np.arange(self.frames) / self.sample_rate
        shape = (self.channels, self.frames)
        if self.kind == "silence":
            samples = np.zeros(shape)
        elif self.kind == "noise":
            samples = 0.2 * rng.standard_normal(shape)
        elif self.kind == "click":
            samples = np.zeros(shape)
            samples[:, self.frames // 2 : self.frames // 2 + 1] = 0.9
        else:
            f0 = rng.uniform(100.0, 800.0, (self.channels, 1))
            samples = sum(
                0.3 / k * np.sin(2 * np.pi * k * f0 * time)
                for k in range(1, 1 + int(min(8, 0.45 * self.sample_rate / f0.max())))
            ) + np.zeros(shape)
        return Audio((self.gain * samples).astype(np.float32), self.sample_rate)


def sample_rates() -> st.SearchStrategy[int]:
    """Draw sample rates from 8 to 192 kHz, common and odd ones."""
    return st.one_of(st.sampled_from(COMMON_RATES), st.integers(8_000, 192_000))


@st.composite
def signal_specs(
    draw: st.DrawFn, *, max_channels: int = 1, kinds: str = "tone noise click"
) -> SignalSpec:
    """Draw sounds from no sample to seconds."""
    channels = draw(st.integers(1, max_channels))
    max_frames = MAX_SAMPLES // channels
    frames = draw(st.one_of(st.integers(0, 3), st.integers(0, 3000), st.integers(3000, max_frames)))
    return SignalSpec(
        kind=draw(st.sampled_from(kinds.split())),
        frames=frames,
        sample_rate=draw(sample_rates()),
        channels=channels,
        gain=draw(st.sampled_from([1e-4, 0.03, 1.0, 3.0])),
        seed=draw(st.integers(0, 99)),
    )


def for_examples(count: int, **strategies: Any) -> Callable[[Callable[..., None]], None]:
    """Run the decorated function at once, on ``count`` examples that hypothesis draws.

    The same examples are drawn each time, so that a backend that passes today passes tomorrow.
    """
    profile = settings(
        max_examples=count,
        deadline=None,
        database=None,
        # A failing example is reported as found: to shrink it takes minutes with sound.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    # By default the draws would follow from the text of the function.
    return lambda function: seed(2)(profile(given(**strategies)(function)))()
