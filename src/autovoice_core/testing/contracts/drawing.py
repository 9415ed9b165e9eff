"""Sounds that hypothesis draws: any length, rate, number of channels and level."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from hypothesis import strategies as st

from autovoice_core._types import Audio

RATES = (8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000)

MOST_SAMPLES = 60_000
"""Samples of all channels together that a drawn sound has at most, so that many can be drawn."""


@frozen
class Recipe:
    """How a sound is made, in few words, so that a failing example can be read."""

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


def rates() -> st.SearchStrategy[int]:
    """Draw sample rates, common and odd ones, 8 to 192 kHz."""
    return st.one_of(st.sampled_from(RATES), st.integers(8_000, 192_000))


@st.composite
def recipes(draw: st.DrawFn, *, most_channels: int = 1, kinds: str = "tone noise click") -> Recipe:
    """Draw sounds of 0, 1, 2, ... samples to seconds."""
    channels = draw(st.integers(1, most_channels))
    most = MOST_SAMPLES // channels
    frames = draw(st.one_of(st.integers(0, 3), st.integers(0, 3000), st.integers(3000, most)))
    return Recipe(
        kind=draw(st.sampled_from(kinds.split())),
        frames=frames,
        sample_rate=draw(rates()),
        channels=channels,
        gain=draw(st.sampled_from([1e-4, 0.03, 1.0, 3.0])),
        seed=draw(st.integers(0, 99)),
    )
