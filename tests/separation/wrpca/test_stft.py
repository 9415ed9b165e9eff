from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core.separation.wrpca.mid_side import FRAMES_PER_BLOCK, apply_mask, mid_side_energies
from autovoice_core.separation.wrpca.stft import STFT


def noise(frames: int, channels: int = 1, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((channels, frames)).astype(np.float32)


@settings(deadline=None)
@given(
    length=st.integers(0, 3000),
    hop=st.sampled_from([4, 15, 64, 180]),
    channels=st.integers(1, 3),
    cut=st.integers(1, 40),
)
def test_the_inverse_restores_the_signal(length: int, hop: int, channels: int, cut: int) -> None:
    samples, stft = noise(length, channels), STFT(xp, hop)
    count = stft.frame_count(length)
    blocks = (stft.forward(samples, i, min(i + cut, count)) for i in range(0, count, cut))
    np.testing.assert_allclose(stft.inverse(blocks, length), samples, atol=2e-6)


def test_a_frame_is_the_windowed_spectrum_around_its_centre() -> None:
    hop, samples = 64, noise(2000)
    window = np.sin(np.pi * (np.arange(4 * hop) + 0.5) / (4 * hop))
    ours = STFT(xp, hop).forward(samples, 9, 10)[0, 0]
    centre = (9 - 1) * hop
    theirs = np.fft.rfft(samples[0, centre - 2 * hop : centre + 2 * hop] * window)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_a_stretch_from_a_multiple_of_the_hop_has_the_frames_of_the_whole() -> None:
    hop, samples = 48, noise(5000, 2)
    stft = STFT(xp, hop)
    whole = stft.forward(samples, 30, 50)
    part = stft.forward(samples[:, 20 * hop :], 10, 30)
    np.testing.assert_array_equal(whole, part)


def test_blocks_of_frames_are_the_same_as_all_frames_at_once() -> None:
    stft, samples = STFT(xp, 4), noise(4 * (FRAMES_PER_BLOCK + 100), 2)
    count = stft.frame_count(samples.shape[1])
    left, right = stft.forward(samples, 0, count)[:, :, :7]
    mid, side = mid_side_energies(xp, stft, samples, 7)
    np.testing.assert_allclose(mid, np.abs(left + right) ** 2 / 4, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(side, np.abs(left - right) ** 2 / 4, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("channels", [1, 2, 5])
def test_equal_channels_have_no_side(channels: int) -> None:
    samples = np.repeat(noise(900), channels, axis=0)
    mid, side = mid_side_energies(xp, STFT(xp, 16), samples, 9)
    assert side.max() <= 1e-5 * mid.max()


def test_a_mask_of_ones_lets_everything_through_and_bins_beyond_it_nothing() -> None:
    stft, rate = STFT(xp, 64), 8000
    time = np.arange(8000) / rate
    low, high = (np.sin(2 * np.pi * f * time).astype(np.float32)[None] for f in (500, 3000))
    frames = stft.frame_count(8000)
    everything = apply_mask(xp, stft, low + high, np.ones((frames, stft.bins), np.float32))
    np.testing.assert_allclose(everything, low + high, atol=2e-6)
    lower_half = apply_mask(xp, stft, low + high, np.ones((frames, stft.bins // 2), np.float32))
    inside = slice(500, -500)
    assert np.abs(lower_half - low)[:, inside].max() < 0.01


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65])
def test_every_frame_that_touches_the_signal_is_counted(length: int) -> None:
    stft = STFT(xp, 16)
    samples = np.ones((1, length), np.float32)
    count = stft.frame_count(length)
    assert not stft.forward(samples, count, count + 3).any()
    if length:
        assert stft.forward(samples, 0, 1).any()
        last = stft.forward(samples, count - 1, count)
        assert last.any()
