from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from autovoice_core import PitchTrack
from autovoice_core.pitch.vibrato import vibrato, with_vibrato

Floats = NDArray[np.float64]


def track_of(
    cents: Floats, hop: float = 0.01, voiced: NDArray[np.bool_] | None = None
) -> PitchTrack:
    voiced = np.ones(len(cents), bool) if voiced is None else voiced
    f0 = np.where(voiced, 220.0 * 2 ** (cents / 1200), 0.0)
    return PitchTrack(f0, voiced, voiced.astype(np.float32), hop)


def cents_of(track: PitchTrack) -> Floats:
    cents: Floats = 1200 * np.log2(track.f0 / 220.0)
    return cents


def swinging(rate: float, extent: float, seconds: float = 2.0, hop: float = 0.01) -> Floats:
    times = np.arange(round(seconds / hop)) * hop
    wave: Floats = extent * np.sin(2 * np.pi * rate * times)
    return wave


@given(
    rate=st.floats(4, 8),
    extent=st.floats(15, 120),
    scale=st.floats(0, 2),
    hop=st.sampled_from([0.005, 0.01]),
)
def test_vibrato_is_scaled_about_its_note(
    rate: float, extent: float, scale: float, hop: float
) -> None:
    wave = swinging(rate, extent, hop=hop)
    scaled = cents_of(with_vibrato(track_of(wave, hop), scale))
    inner = slice(round(0.3 / hop), -round(0.3 / hop))
    assert np.abs(scaled - scale * wave)[inner].max() < 0.1 * extent


def test_a_glide_under_vibrato_stays() -> None:
    glide = np.linspace(0, 200, 200)
    straight = cents_of(with_vibrato(track_of(glide + swinging(5.5, 60)), 0.0))
    assert np.abs(straight - glide)[30:-30].max() < 8


@given(
    heights=st.lists(st.integers(-7, 7), min_size=2, max_size=12),
    frames=st.integers(8, 40),
    scale=st.floats(0, 2),
)
def test_going_up_or_down_a_scale_is_no_vibrato(
    heights: list[int], frames: int, scale: float
) -> None:
    steps = np.repeat(100.0 * np.cumsum(np.abs(heights)), frames)
    window = np.hanning(9)
    cents = np.convolve(np.pad(steps, 4, mode="edge"), window / window.sum(), "valid")
    assert np.abs(vibrato(cents, 0.01)).max() == 0
    for sign in (1, -1):
        track = track_of(sign * cents / 10)
        assert np.array_equal(with_vibrato(track, scale).f0, track.f0)


@pytest.mark.parametrize("rate", [1.5, 2.5, 14.0])
def test_what_is_slower_or_faster_than_vibrato_stays(rate: float) -> None:
    wave = swinging(rate, 40.0)
    assert np.abs(vibrato(wave, 0.01)).max() == 0


def test_two_swings_are_an_ornament() -> None:
    wave = np.concatenate([np.zeros(50), swinging(5.5, 50, 1 / 5.5), np.zeros(50)])
    assert np.abs(vibrato(wave, 0.01)).max() == 0


def test_voicing_and_what_is_unvoiced_stay() -> None:
    voiced = np.ones(200, bool)
    voiced[:20] = voiced[90:110] = False
    track = track_of(swinging(6.0, 50), voiced=voiced)
    straight = with_vibrato(track, 0.0)
    assert np.array_equal(straight.voiced, voiced)
    assert np.array_equal(straight.f0 > 0, voiced)
    assert with_vibrato(track, 1.0) is track


@pytest.mark.parametrize("frames", [0, 1, 2, 3])
def test_hardly_any_track_is_left_alone(frames: int) -> None:
    track = track_of(np.zeros(frames))
    assert np.array_equal(with_vibrato(track, 0.0).f0, track.f0)
