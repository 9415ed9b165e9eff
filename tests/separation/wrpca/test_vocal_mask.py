from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core.separation.wrpca import harmonic_salience, reference
from autovoice_core.separation.wrpca.robust_pca import recurring
from autovoice_core.separation.wrpca.smoothing import triangle
from autovoice_core.separation.wrpca.vocal_mask import hindsight, voice_share, witnesses
from autovoice_core.separation.wrpca.wrpca import FADE, STRIDE, _weights

WIDTH = 10.77


@settings(deadline=None)
@given(
    count=st.integers(1, 60),
    size=st.sampled_from([1, 2, 4, 8, 16]),
    axis=st.integers(0, 1),
    seed=st.integers(0, 99),
)
def test_a_triangle_is_a_weighted_mean_of_what_is_there(
    count: int, size: int, axis: int, seed: int
) -> None:
    values = np.random.default_rng(seed).random((count, 3))
    values = values if axis == 0 else values.T
    weights = np.maximum(size - np.abs(np.arange(count)[:, None] - np.arange(count)), 0)
    weights = weights / weights.sum(axis=1, keepdims=True)
    expected = weights @ values if axis == 0 else values @ weights.T
    np.testing.assert_allclose(triangle(xp, values, size, axis), expected, rtol=1e-12)


def mixed(seed: int, rank: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Return a matrix of low rank, and a sparse one, neither negative."""
    rng = np.random.default_rng(seed)
    low = rng.random((120, rank)) @ rng.random((rank, 90))
    sparse = np.where(rng.random(low.shape) < 0.05, 5 * rng.random(low.shape), 0.0)
    return low.astype(np.float32), sparse.astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_what_recurs_and_what_sticks_out_are_told_apart(seed: int) -> None:
    low, sparse = mixed(seed)
    weights = np.full(90, 1 / np.sqrt(120), np.float32)
    found = recurring(xp, low + sparse, weights)
    expected = reference.recurring(low + sparse, weights)
    for true, one, other in zip((low, sparse), found, expected, strict=True):
        scale = np.linalg.norm(true)
        assert np.linalg.norm(other - true) < 0.05 * scale
        assert np.linalg.norm(one - other) < 0.05 * scale


def test_columns_of_large_weight_keep_less_that_sticks_out() -> None:
    low, sparse = mixed(5)
    weights = np.full(90, 1 / np.sqrt(120), np.float32)
    weights[:45] *= 8
    _, found = recurring(xp, low + sparse, weights)
    assert np.abs(found[:, :45]).sum() < 0.5 * np.abs(found[:, 45:]).sum()


def test_bins_on_harmonics_have_support_and_those_between_have_less() -> None:
    magnitude = np.full((40, 500), 0.01, np.float32)
    teeth = np.round(220 * np.arange(1, 11) / WIDTH).astype(int)
    magnitude[:, teeth] = 1.0
    fit = harmonic_salience.support(xp, magnitude, np.ones_like(magnitude), WIDTH)
    assert fit.shape == magnitude.shape
    assert fit.max() <= harmonic_salience.MOST
    assert fit[:, teeth[:6]].min() > 1.0
    between = ((teeth[:5] + teeth[1:6]) // 2).astype(int)
    assert np.all(fit[:, between] < 0.6 * fit[:, teeth[:5]])


def test_where_no_voice_was_heard_there_is_no_support() -> None:
    magnitude = np.random.default_rng(0).random((10, 500)).astype(np.float32)
    assert not harmonic_salience.support(xp, magnitude, np.zeros_like(magnitude), WIDTH).any()


def clicks_and_tones() -> tuple[np.ndarray, np.ndarray]:
    clicks = np.full((400, 400), 1e-6, np.float32)
    clicks[::20] = 1.0
    return clicks, np.ascontiguousarray(clicks.T)


def test_what_is_struck_is_doubted_and_what_lasts_is_not() -> None:
    for power, doubted in zip(clicks_and_tones(), (True, False), strict=True):
        struck = witnesses(xp, power, np.zeros_like(power), WIDTH)["struck"]
        seen = hindsight(xp, np.full_like(power, 0.9), power, struck, WIDTH)
        assert bool((seen["short"] < -0.5).any()) is doubted
        assert seen["short"].max() <= 0
        assert not seen["faint"].any()
        faint = hindsight(xp, np.full_like(power, 0.1), power, struck, WIDTH)["faint"]
        assert faint.max() < -1


@settings(deadline=None, max_examples=30)
@given(frames=st.integers(1, 60), bins=st.sampled_from([16, 100, 700]), seed=st.integers(0, 99))
def test_shares_lie_between_nothing_and_all(frames: int, bins: int, seed: int) -> None:
    middle, side = np.random.default_rng(seed).exponential(1, (2, frames, bins))
    share = voice_share(xp, *(x.astype(np.float32) for x in (middle, side)), 4000 / bins)
    assert share.dtype == np.float32
    assert share.shape == middle.shape
    assert np.all((share >= 0) & (share <= 1))


def test_silence_is_nobodys() -> None:
    silence = np.zeros((20, 300), np.float32)
    assert not voice_share(xp, silence, silence, WIDTH).any()


def test_the_weights_of_blocks_add_up_to_one() -> None:
    hops = 2 * STRIDE + FADE
    total = sum(_weights(np.arange(hops) - b * STRIDE, b > 0, b < 1) for b in range(2))
    np.testing.assert_allclose(total, 1, atol=1e-6)
