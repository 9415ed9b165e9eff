"""The correction of notes an octave low, on sound that had no part in choosing its level."""

from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve
from numpy.typing import NDArray

from autovoice_core.synthetic import truth
from autovoice_rvc.networks.rmvpe_mel import HOP, RATE
from autovoice_rvc.rmvpe_octaves import raise_octaves

# Lower vocal tracts, and voices that are duller or more breathy than those it was chosen on.
BARITONE = evolve(truth.BASS, low=450.0, high=2000.0, tilt=10.0)
BREATHY = evolve(truth.ALTO, low=450.0, high=2000.0, tract_length=13.0, breathiness=-20.0)
BRIGHT = evolve(truth.SOPRANO, low=450.0, high=2000.0, tilt=4.0, ring=12.0)


def tone(f0: float, levels: dict[int, float], seconds: float = 0.5) -> NDArray[np.float32]:
    """Return a sound of harmonics with the levels given, dB."""
    time = np.arange(int(seconds * RATE)) / RATE
    parts = [
        10 ** (level / 20) * np.cos(2 * np.pi * f0 * k * time + k) for k, level in levels.items()
    ]
    return (0.1 * np.sum(parts, axis=0)).astype(np.float32)


def track(samples: NDArray[np.float32], f0: float) -> NDArray[np.float64]:
    return raise_octaves(samples, np.full(len(samples) // HOP + 1, f0))


def falling(tilt: float) -> dict[int, float]:
    return {k: -tilt * float(np.log2(k)) for k in range(1, 4)}


@pytest.mark.parametrize("tilt", [0.0, 6.0, 20.0])
@pytest.mark.parametrize("f0", [1045.0, 1200.0, 1500.0, 1800.0, 2000.0])
def test_tones_reported_an_octave_low_are_raised(f0: float, tilt: float) -> None:
    np.testing.assert_allclose(track(tone(f0, falling(tilt)), f0 / 2), f0)


@pytest.mark.parametrize("tilt", [0.0, 6.0, 12.0])
@pytest.mark.parametrize("f0", [505.0, 600.0, 800.0, 1000.0, 1040.0])
def test_tones_reported_rightly_stay(f0: float, tilt: float) -> None:
    np.testing.assert_allclose(track(tone(f0, falling(tilt)), f0), f0)


@pytest.mark.parametrize("third", [-15.0, 0.0])
@pytest.mark.parametrize("fundamental", [-60.0, -15.0])
def test_a_voice_with_a_weak_fundamental_stays(fundamental: float, third: float) -> None:
    sound = tone(600, {1: fundamental, 2: 0.0, 3: third, 4: -10.0})
    np.testing.assert_allclose(track(sound, 600), 600)


@pytest.mark.parametrize("noise", [None, 20.0])
@pytest.mark.parametrize("singer", [BARITONE, BREATHY, BRIGHT])
def test_singing_is_raised_where_it_was_an_octave_low(
    singer: truth.Singer, noise: float | None
) -> None:
    sung = truth.sing(singer, 20, RATE, seed=101)
    audio = sung.audio if noise is None else truth.add_noise(sung.audio, noise, seed=5)
    f0 = np.asarray(sung.pitch.f0)
    high = f0 > 1040
    there = (f0 >= 500) & ~high
    assert high.sum() > 300
    assert there.sum() > 100
    found = raise_octaves(audio.numpy()[0], np.where(high, f0 / 2, f0))
    right = np.abs(found / np.maximum(f0, 1) - 1) < 1e-9
    assert right[high].mean() > 0.99
    assert right[there].mean() > 0.99
    np.testing.assert_array_equal(found[f0 < 500], f0[f0 < 500])


@pytest.mark.parametrize("singer", truth.SINGERS.values(), ids=str)
def test_singing_in_the_usual_ranges_stays(singer: truth.Singer) -> None:
    sung = truth.sing(singer, 15, RATE, seed=77)
    f0 = np.asarray(sung.pitch.f0)
    np.testing.assert_array_equal(raise_octaves(sung.audio.numpy()[0], f0), f0)


def test_a_glide_is_raised_from_where_it_is_reported_low() -> None:
    wave = np.geomspace(700, 1500, 2 * RATE)
    samples = truth.tone(wave, RATE).numpy()[0]
    f0 = wave[np.minimum(np.arange(len(samples) // HOP + 1) * HOP, len(wave) - 1)]
    found = raise_octaves(samples, np.where(f0 > 1040, f0 / 2, f0))
    np.testing.assert_allclose(found, f0)


def test_silence_and_nothing_stay() -> None:
    for frames in (0, 1, 2, 50):
        samples = np.zeros(max(frames - 1, 0) * HOP, np.float32)
        np.testing.assert_array_equal(raise_octaves(samples, np.full(frames, 600.0)), 600.0)
        np.testing.assert_array_equal(raise_octaves(samples, np.zeros(frames)), 0.0)


def test_the_level_does_not_matter() -> None:
    for gain in (1e-4, 1.0):
        loud = tone(1200, falling(6.0)) * np.float32(gain)
        np.testing.assert_allclose(track(loud, 600), 1200)
