from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core import Audio
from autovoice_core._downmix import Downmix, channel_signs, mixed, mono

RATE = 8_000
SECOND = np.arange(RATE) / RATE


def tone(hz: float = 220.0) -> np.ndarray:
    return np.sin(2 * np.pi * hz * SECOND).astype(np.float32)


def noise(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, RATE).astype(np.float32)


def mean(samples: np.ndarray) -> np.ndarray:
    return (samples.sum(axis=0, keepdims=True, dtype=np.float64) / len(samples)).astype(np.float32)


@pytest.mark.parametrize(
    "stereo",
    [
        np.stack([tone(), tone()]),
        np.stack([tone(), 0 * tone()]),
        np.stack([0 * tone(), tone()]),
        np.stack([tone() + noise(1), tone() + noise(2)]),
        np.stack([noise(1), noise(2)]),
        np.stack([tone(), tone(330), noise(3), 0 * tone(), noise(4), noise(5)]),
        np.zeros((2, RATE), np.float32),
    ],
    ids=["same", "left", "right", "wide", "independent", "surround", "silence"],
)
def test_ordinary_channels_are_averaged_to_the_bit(stereo: np.ndarray) -> None:
    np.testing.assert_array_equal(mono(stereo, RATE), mean(stereo))
    np.testing.assert_array_equal(Downmix(RATE).feed(stereo), mean(stereo))
    np.testing.assert_array_equal(Audio(stereo, RATE).mono().numpy(), mean(stereo))


def test_channels_in_antiphase_do_not_cancel() -> None:
    stereo = np.stack([tone(), -tone()])
    np.testing.assert_allclose(mono(stereo, RATE)[0], tone(), atol=1e-7)
    np.testing.assert_allclose(Audio(stereo[:, :20], RATE).mono().numpy()[0], tone()[:20])


def test_of_many_channels_those_in_antiphase_are_inverted() -> None:
    quiet = 0 * tone()
    surround = np.stack([tone(), -tone(), quiet, quiet, tone(), -tone()])
    np.testing.assert_allclose(mono(surround, RATE)[0], tone() * 4 / 6, atol=1e-6)


def test_a_stream_hears_antiphase_after_two_frames() -> None:
    found = Downmix(RATE).feed(np.stack([tone(), -tone()]))[0]
    assert not found[:80].any()
    np.testing.assert_allclose(found[160:], tone()[160:], atol=1e-7)


def test_sound_that_turns_to_antiphase_and_back_is_heard_but_for_a_moment() -> None:
    right = np.repeat([1, -1, 1], [2500, 3000, 2500]).astype(np.float32) * tone()
    found = mono(np.stack([tone(), right]), RATE)[0]
    levels = np.sqrt((found.reshape(-1, 80) ** 2).mean(axis=1)) / np.sqrt(0.5)
    assert (levels < 0.5).sum() <= 24  # of 100 frames of 10 ms
    assert levels[-1] == pytest.approx(1, abs=0.1)


def test_weights_change_without_a_step() -> None:
    right = np.repeat([1.0, -1.0], RATE // 2) + 0 * SECOND
    found = mono(np.stack([1 + 0 * SECOND, right]).astype(np.float32), RATE)[0]
    # Where the source itself steps, so does its mix.
    assert np.abs(np.delete(np.diff(found), RATE // 2 - 1)).max() < 0.02


@given(
    st.lists(st.integers(0, 900), min_size=1, max_size=12),
    st.sampled_from([1.0, -1.0, -0.5]),
)
def test_the_mix_does_not_depend_on_the_blocks(sizes: list[int], factor: float) -> None:
    stereo = np.stack([tone() + noise(1), factor * tone() + noise(2)])[:, : sum(sizes)]
    downmix, cuts = Downmix(RATE), np.cumsum(sizes)[:-1]
    blocks = [downmix.feed(block) for block in np.split(stereo, cuts, axis=1)]
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), Downmix(RATE).feed(stereo))


@given(st.floats(-1, 1), st.floats(0.1, 10), st.sampled_from([1.0, -1.0]))
def test_two_channels_never_cancel(correlation: float, ratio: float, before: float) -> None:
    products = np.array([[1.0, correlation * ratio], [correlation * ratio, ratio**2]])
    signs = channel_signs(products, np.array([1.0, before]))
    assert set(signs.tolist()) <= {1.0, -1.0}
    assert signs @ products @ signs >= 0.5 * np.trace(products)


def test_a_channel_stays_inverted_until_it_is_no_longer_in_antiphase() -> None:
    inverted = np.array([1.0, -1.0])
    for correlation, after in ((-0.3, -1.0), (0.1, 1.0)):
        products = np.array([[1.0, correlation], [correlation, 1.0]])
        assert channel_signs(products, inverted).tolist() == [1.0, after]
        assert channel_signs(products).tolist() == [1.0, 1.0]


def test_one_channel_stays_what_it_is() -> None:
    samples = tone()[np.newaxis]
    assert Downmix(RATE).feed(samples) is samples
    assert mixed(samples) is samples
