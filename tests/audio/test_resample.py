from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core import Audio
from autovoice_core.audio.resample import resample, resampled_mono
from autovoice_core.audio.source import AudioInMemory

rates = st.sampled_from([8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000])


@settings(deadline=None, max_examples=50)
@given(frames=st.integers(0, 3000), source=rates, target=rates)
def test_the_length_is_exact(frames: int, source: int, target: int) -> None:
    audio = Audio(np.zeros((2, frames), np.float32), source)
    assert audio.resample(target).frames == int(frames * target / source + 0.5)


@pytest.mark.parametrize("target", [16_000, 48_000])
def test_a_tone_stays_in_time_to_the_last_second(target: int) -> None:
    def tone(rate: int) -> np.ndarray:
        return np.sin(2 * np.pi * 440 * np.arange(60 * rate) / rate).astype(np.float32)

    out = Audio(tone(44_100)[np.newaxis], 44_100).resample(target).numpy()[0]
    inside = slice(target, -target)
    assert np.abs(out[inside] - tone(target)[inside]).max() < 1e-3


def test_the_same_rate_is_the_same_audio() -> None:
    audio = Audio(np.zeros((1, 10), np.float32), 8000)
    assert audio.resample(8000) is audio


def test_resampling_in_blocks_is_resampling() -> None:
    noise = np.random.default_rng(4).normal(0, 0.1, (2, 150_000)).astype(np.float32)
    audio = Audio(noise, 44_100)
    blocks = np.concatenate(list(resampled_mono(AudioInMemory(audio), 16_000)))
    whole = resample(audio, 16_000).numpy().mean(axis=0)
    assert abs(len(blocks) - len(whole)) <= 1
    np.testing.assert_allclose(blocks[: len(whole)], whole[: len(blocks)], atol=1e-4)
