from __future__ import annotations

import numpy as np
import pytest

from autovoice_core import Audio, InputError
from autovoice_core._downmix import mono
from autovoice_core.audio.mono import MonoMix, MonoPair, split_pair
from autovoice_core.audio.source import BLOCK_FRAMES, AudioInMemory, Source

RATE = 8_000


def source(*channels: np.ndarray) -> Source:
    return AudioInMemory(Audio(np.stack(channels).astype(np.float32), RATE))


def noise(frames: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, frames).astype(np.float32)


@pytest.mark.parametrize("size", [1000, BLOCK_FRAMES, 1 << 20])
def test_a_source_is_mixed_as_the_whole_sound_is_whatever_the_blocks(size: int) -> None:
    left = noise(150_000)
    stereo = source(left, -left)
    blocks = list(MonoMix(stereo).blocks(size))
    assert [block.shape[1] for block in blocks[:-1]] == [size] * (len(blocks) - 1)
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1)[0], left)


def test_an_empty_source_has_no_blocks() -> None:
    assert list(MonoMix(source(noise(0), noise(0))).blocks(100)) == []


def test_a_pair_is_mixed_by_the_weights_of_its_first() -> None:
    voice, band = noise(20_000), noise(20_000, seed=1)
    vocals, song = source(voice, -voice), source(voice + band, band - voice)
    pair = np.concatenate(list(MonoPair(vocals, song).blocks(3000)), axis=1)
    one, other = split_pair(Audio(pair, RATE))
    np.testing.assert_array_equal(one.numpy()[0], voice)
    np.testing.assert_allclose(other.numpy()[0], voice, atol=1e-7)


def test_a_pair_may_differ_in_channels() -> None:
    voice, band = noise(20_000), noise(20_000, seed=1)
    song = np.stack([voice + band, voice - band])
    pair = np.concatenate(list(MonoPair(source(voice), source(*song)).blocks(3000)), axis=1)
    np.testing.assert_array_equal(pair, np.concatenate([voice[np.newaxis], mono(song, RATE)]))


def test_a_pair_of_different_lengths_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        MonoPair(source(noise(100)), source(noise(90)))
    assert str(caught.value) == (
        "audio: 90 samples at 8000 Hz, but audio has 100 at 8000 Hz; give the song that it is from"
    )
