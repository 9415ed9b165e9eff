from __future__ import annotations

import numpy as np
import pytest

from autovoice_core.conversion.retrieval.offset import without_offset


def tone(hz: float, rate: int, seconds: float = 2.0) -> np.ndarray:
    times = np.arange(round(seconds * rate)) / rate
    return np.sin(2 * np.pi * hz * times + 1)[np.newaxis].astype(np.float32)


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 192_000])
def test_an_offset_is_removed_and_a_voice_stays_even_at_the_ends(rate: int) -> None:
    for hz in (40.0, 61.7, 220.0):
        sound = tone(hz, rate)
        np.testing.assert_allclose(without_offset(sound + 0.05, 0, rate), sound, atol=5e-5)


def test_what_moves_slowly_is_removed() -> None:
    slow = without_offset(tone(2.0, 16_000), 0, 16_000)[:, 800:-800]
    assert np.abs(slow).max() < 0.03


def test_each_channel_has_an_offset_of_its_own() -> None:
    sound = np.concatenate([tone(110, 8_000), tone(330, 8_000)])
    moved = sound + np.array([[0.1], [-0.02]], np.float32)
    np.testing.assert_allclose(without_offset(moved, 0, 8_000), sound, atol=5e-5)


@pytest.mark.parametrize("start", [0, 39, 12_345])
def test_a_window_is_filtered_as_the_whole_is(start: int) -> None:
    rng = np.random.default_rng(3)
    sound = (rng.standard_normal((2, 40_000)) + 0.3).astype(np.float32)
    whole = without_offset(sound, 0, 8_000)
    part = without_offset(sound[:, start : start + 9_001], start, 8_000)
    inside = slice(0 if start == 0 else 480, -480)
    np.testing.assert_allclose(
        part[:, inside], whole[:, start : start + 9_001][:, inside], atol=1e-6
    )


@pytest.mark.parametrize("count", [0, 1, 199])
def test_sound_shorter_than_a_low_period_stays_as_it_is(count: int) -> None:
    sound = np.full((1, count), 0.3, np.float32)
    np.testing.assert_array_equal(without_offset(sound, 0, 8_000), sound)


@pytest.mark.parametrize("count", [200, 799])
def test_short_sound_loses_its_mean(count: int) -> None:
    sound = np.full((1, count), 0.25, np.float32)
    assert np.abs(without_offset(sound, 5, 8_000)).max() < 1e-6
