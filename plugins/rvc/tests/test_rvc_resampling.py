"""Resampling and the high-pass on tensors, against tones and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from rvc_runs import Samples, level
from scipy import signal

from autovoice_rvc.conversion.resampling import resample
from autovoice_rvc.conversion.rumble import FILTER, MIRRORED, without_rumble


def tone(hertz: float, rate: int, seconds: float = 1.5) -> torch.Tensor:
    """Return a tone that begins and ends softly."""
    count = round(seconds * rate)
    faded = signal.windows.tukey(count, 0.4) * np.sin(
        2 * np.pi * hertz * np.arange(count) / rate + 1
    )
    return torch.from_numpy(faded.astype(np.float32))


def middle(samples: torch.Tensor, rate: int) -> Samples:
    """Return what lies between the fades."""
    return samples.numpy()[round(0.4 * rate) : round(1.1 * rate)]


@pytest.mark.parametrize(
    ("rate", "new_rate"),
    [(44_100, 16_000), (40_000, 44_100), (48_000, 8_000), (8_000, 16_000), (44_101, 32_000)],
)
def test_tones_keep_their_level_and_time_below_the_edge_and_vanish_above(
    rate: int, new_rate: int
) -> None:
    for share in (0.01, 0.3, 0.9):
        hertz = share * min(rate, new_rate) / 2
        found = middle(resample(tone(hertz, rate), rate, new_rate), new_rate)
        expected = middle(tone(hertz, new_rate), new_rate)
        assert level(found - expected) < level(expected) - 120, share
    if new_rate < rate:
        aliased = resample(tone(1.002 * new_rate / 2, rate), rate, new_rate)
        assert level(middle(aliased, new_rate)) < -120


@pytest.mark.parametrize("frames", [0, 1, 2, 777, 100_003])
def test_the_length_is_rounded_half_up(frames: int) -> None:
    for rate, new_rate in ((44_100, 16_000), (16_000, 48_000), (8_000, 8_000), (16_000, 8_000)):
        found = resample(torch.ones(frames), rate, new_rate)
        assert len(found) == (2 * frames * new_rate + rate) // (2 * rate)
        assert found.isfinite().all()


def test_a_part_is_resampled_as_the_whole_is() -> None:
    whole = np.random.default_rng(0).standard_normal(3 * 44_100).astype(np.float32)
    found = resample(torch.from_numpy(whole), 44_100, 16_000).numpy()
    part = resample(torch.from_numpy(whole[22_050:66_150]), 44_100, 16_000).numpy()
    inner = slice(800, -800)
    expected = found[8000:24_000][inner]
    assert level(part[inner] - expected) < level(expected) - 120


@pytest.mark.parametrize("count", [MIRRORED + 1, 5000, 12_288, 40_000])
def test_the_high_pass_is_that_of_scipy(count: int) -> None:
    samples = 0.5 + np.random.default_rng(1).standard_normal(count)
    found = without_rumble(torch.from_numpy(samples.astype(np.float32))).numpy()
    expected = signal.sosfiltfilt(FILTER, samples)
    assert level(found - expected) < level(expected) - 110
