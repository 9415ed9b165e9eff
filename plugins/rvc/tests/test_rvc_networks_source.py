from __future__ import annotations

import math

import pytest
import torch

from autovoice_rvc.networks.sine_source import coarse_pitch, excitation


def noise(samples: int) -> torch.Tensor:
    return torch.randn(1, samples, generator=torch.Generator().manual_seed(0))


def test_voiced_samples_are_a_sine_and_a_little_noise() -> None:
    phase = torch.linspace(0, 3, 1000, dtype=torch.float64)[None]
    source = excitation(torch.full((1, 1000), 220.0), phase, noise(1000))
    expected = 0.1 * torch.sin(2 * math.pi * phase) + 0.003 * noise(1000)
    assert source.dtype == torch.float32
    torch.testing.assert_close(source, expected.float())


def test_unvoiced_samples_are_noise_at_a_third_of_the_sine() -> None:
    phase = torch.rand(1, 1000)
    source = excitation(torch.zeros(1, 1000), phase, noise(1000))
    torch.testing.assert_close(source, noise(1000) / 30)


def test_whole_cycles_change_nothing() -> None:
    f0, phase = torch.full((1, 500), 100.0), torch.rand(1, 500, dtype=torch.float64)
    source = excitation(f0, phase, noise(500))
    torch.testing.assert_close(excitation(f0, phase + 100_000, noise(500)), source)


@pytest.mark.parametrize(
    ("hz", "step"),
    [(0, 1), (1, 1), (49, 1), (50, 1), (1100, 255), (1500, 255), (220, 60), (440, 122)],
)
def test_the_coarse_pitch_of_some_hertz(hz: float, step: int) -> None:
    assert coarse_pitch(torch.tensor([[hz]])).tolist() == [[step]]


def test_the_coarse_pitch_follows_the_mel_scale() -> None:
    mel = [1127 * math.log(1 + edge / 700) for edge in (50, 1100)]
    each = torch.linspace(mel[0], mel[1], 255, dtype=torch.float64)
    hertz = 700 * (torch.exp(each / 1127) - 1)
    steps = coarse_pitch(hertz[None].float())
    assert steps.dtype == torch.int64
    assert steps[0].tolist() == list(range(1, 256))
