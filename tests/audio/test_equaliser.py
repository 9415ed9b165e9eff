from __future__ import annotations

import numpy as np
import pytest

from autovoice_core import Audio
from autovoice_core.audio.equaliser import OCTAVE_CENTRES_HZ, equalised, octave_powers
from autovoice_core.audio.source import AudioInMemory

RATE = 44_100


def source_of(samples: np.ndarray, rate: int = RATE) -> AudioInMemory:
    return AudioInMemory(Audio(np.atleast_2d(samples).astype(np.float32), rate))


def tone(hertz: float, seconds: float = 4.0) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)


def noise(seconds: float) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, (2, round(seconds * RATE)))


def test_the_power_of_a_tone_lies_in_its_octave() -> None:
    powers = octave_powers(source_of(tone(270.0)))
    assert OCTAVE_CENTRES_HZ[int(powers.argmax())] == 250
    assert powers.max() > 0.999 * powers.sum()


def test_power_does_not_depend_on_the_length_or_on_how_it_is_spread_over_channels() -> None:
    one = octave_powers(source_of(noise(8.0)))
    np.testing.assert_allclose(octave_powers(source_of(noise(16.0))), one, rtol=0.15)
    tones = np.stack([tone(270.0), np.zeros(4 * RATE)])
    left, right = (octave_powers(source_of(each)) for each in (tones, tones[::-1]))
    np.testing.assert_allclose(left, right)


def test_octaves_above_the_sound_are_silent_at_low_rates() -> None:
    powers = octave_powers(source_of(noise(2.0), 8_000))
    assert (powers[:7] > 0).all()
    assert (powers[7:] == 0).all()
    assert octave_powers(source_of(np.ones(10), 8_000)).shape == (9,)


@pytest.mark.parametrize("frames", [1, 5_000, 1 << 16, 200_001])
def test_no_gain_changes_nothing(frames: int) -> None:
    sound = noise(5.0)[:, :frames]
    out = np.concatenate(list(equalised(source_of(sound), np.zeros(9))), axis=1)
    np.testing.assert_allclose(out, sound, atol=1e-6)


def test_each_octave_gets_its_gain_without_delay() -> None:
    gains = np.array([0.0, 0.0, -6.0, 0.0, 0.0, 0.0, -12.0, 0.0, 0.0])
    for hertz, gain in ((250.0, -6.0), (4000.0, -12.0), (1000.0, 0.0)):
        sound = tone(hertz)
        out = np.concatenate(list(equalised(source_of(sound), gains)), axis=1)[0]
        middle = slice(RATE, 3 * RATE)
        expected = 10 ** (gain / 20) * sound[middle]
        np.testing.assert_allclose(out[middle], expected, atol=0.02)
