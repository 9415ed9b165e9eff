from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from autovoice_core.audio.true_peak import TruePeakMeter, true_peak_gain

FRAMES = 12_000
RANDOM = np.random.default_rng(4)


def measured(samples: NDArray[np.float32], size: int = 1000) -> float:
    meter = TruePeakMeter(samples.shape[0])
    for start in range(0, samples.shape[1], size):
        meter.feed(samples[:, start : start + size])
    return meter.finish()


def dense_peak(samples: NDArray[np.float32]) -> float:
    """Return the peak of 64 points a sample, by the Fourier transform of the whole."""
    padded = np.pad(samples.astype(np.float64), ((0, 0), (4096, 4096)))
    dense = np.fft.irfft(np.fft.rfft(padded), 64 * padded.shape[1]) * 64
    return float(np.abs(dense).max())


def tone(cycles_a_sample: float) -> NDArray[np.float64]:
    time = np.arange(FRAMES)
    return np.hanning(FRAMES) * np.sin(2 * np.pi * cycles_a_sample * time + np.pi / 4)


SOUNDS = {
    "noise": RANDOM.normal(0, 0.2, (2, FRAMES)),
    "clipped noise": np.clip(RANDOM.normal(0, 1, (2, FRAMES)), -0.5, 0.5),
    "tone at a quarter of the rate": tone(0.25)[None],
    "tone at 0.45 of the rate": tone(0.4503)[None],
    "tone at 0.49 of the rate": tone(0.4901)[None],
    "one sample": np.eye(1, FRAMES, 500),
    "last sample": np.eye(1, FRAMES, FRAMES - 1),
    "square wave": np.sign(np.sin(0.03 * np.arange(FRAMES)))[None],
}


@pytest.mark.parametrize("name", SOUNDS)
def test_it_is_exact_to_a_tenth_of_a_decibel(name: str) -> None:
    samples = SOUNDS[name].astype(np.float32)
    error = 20 * np.log10(measured(samples) / dense_peak(samples))
    assert error == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("size", [1, 13, 4096, FRAMES])
def test_blocks_of_any_size_have_the_same_peak(size: int) -> None:
    samples = SOUNDS["noise"][:, :6000].astype(np.float32)
    assert measured(samples, size) == pytest.approx(measured(samples), rel=1e-6)


def test_the_standard_s_tone_between_samples_is_three_decibels_over_them() -> None:
    samples = tone(0.25)[None].astype(np.float32)
    assert 20 * np.log10(np.abs(samples).max()) == pytest.approx(-3.01, abs=0.01)
    assert 20 * np.log10(measured(samples)) == pytest.approx(0, abs=0.01)


def test_nothing_and_silence_have_no_peak() -> None:
    assert TruePeakMeter(2).finish() == 0
    assert measured(np.zeros((1, 5000), np.float32)) == 0


def test_only_what_is_over_the_ceiling_is_turned_down() -> None:
    assert true_peak_gain(0.5, -1.0) == 1
    assert 2.0 * true_peak_gain(2.0, -1.0) == pytest.approx(10 ** (-1 / 20))
