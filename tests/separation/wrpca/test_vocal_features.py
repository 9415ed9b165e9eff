from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core.separation.wrpca import harmonic_salience, reference
from autovoice_core.separation.wrpca.robust_pca import robust_pca
from autovoice_core.separation.wrpca.smoothing import triangular_mean
from autovoice_core.separation.wrpca.vocal_features import mask_features, spectral_features
from autovoice_core.separation.wrpca.wrpca import CROSSFADE_HOPS, STRIDE_HOPS, crossfade_weights

BIN_HZ = 10.77


@settings(deadline=None)
@given(
    count=st.integers(1, 60),
    size=st.sampled_from([1, 2, 4, 8, 16]),
    axis=st.integers(0, 1),
    seed=st.integers(0, 99),
)
def test_a_triangular_mean_is_of_the_values_that_exist(
    count: int, size: int, axis: int, seed: int
) -> None:
    values = np.random.default_rng(seed).random((count, 3))
    values = values if axis == 0 else values.T
    weights = np.maximum(size - np.abs(np.arange(count)[:, None] - np.arange(count)), 0)
    weights = weights / weights.sum(axis=1, keepdims=True)
    expected = weights @ values if axis == 0 else values @ weights.T
    np.testing.assert_allclose(triangular_mean(xp, values, size, axis), expected, rtol=1e-12)


def mixed(seed: int, rank: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Return a matrix of low rank, and a sparse one, neither negative."""
    rng = np.random.default_rng(seed)
    low = rng.random((120, rank)) @ rng.random((rank, 90))
    sparse = np.where(rng.random(low.shape) < 0.05, 5 * rng.random(low.shape), 0.0)
    return low.astype(np.float32), sparse.astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_low_rank_and_sparse_parts_are_separated(seed: int) -> None:
    low, sparse = mixed(seed)
    weights = np.full(90, 1 / np.sqrt(120), np.float32)
    found = robust_pca(xp, low + sparse, weights)
    expected = reference.robust_pca(low + sparse, weights)
    for true, one, other in zip((low, sparse), found, expected, strict=True):
        scale = np.linalg.norm(true)
        assert np.linalg.norm(other - true) < 0.05 * scale
        assert np.linalg.norm(one - other) < 0.05 * scale


def test_columns_of_large_weight_are_less_sparse() -> None:
    low, sparse = mixed(5)
    weights = np.full(90, 1 / np.sqrt(120), np.float32)
    weights[:45] *= 8
    _, found = robust_pca(xp, low + sparse, weights)
    assert np.abs(found[:, :45]).sum() < 0.5 * np.abs(found[:, 45:]).sum()


def test_bins_on_harmonics_fit_and_those_between_fit_less() -> None:
    magnitude = np.full((40, 500), 0.01, np.float32)
    teeth = np.round(220 * np.arange(1, 11) / BIN_HZ).astype(int)
    magnitude[:, teeth] = 1.0
    fit = harmonic_salience.harmonic_fit(xp, magnitude, np.ones_like(magnitude), BIN_HZ)
    assert fit.shape == magnitude.shape
    assert fit.max() <= harmonic_salience.MAX_FIT
    assert fit[:, teeth[:6]].min() > 1.0
    between = ((teeth[:5] + teeth[1:6]) // 2).astype(int)
    assert np.all(fit[:, between] < 0.6 * fit[:, teeth[:5]])


def test_nothing_fits_where_the_mask_is_zero() -> None:
    magnitude = np.random.default_rng(0).random((10, 500)).astype(np.float32)
    assert not harmonic_salience.harmonic_fit(xp, magnitude, np.zeros_like(magnitude), BIN_HZ).any()


def clicks_and_tones() -> tuple[np.ndarray, np.ndarray]:
    clicks = np.full((400, 400), 1e-6, np.float32)
    clicks[::20] = 1.0
    return clicks, np.ascontiguousarray(clicks.T)


def test_percussion_is_doubted_and_sustained_tones_are_not() -> None:
    for power, doubted in zip(clicks_and_tones(), (True, False), strict=True):
        sustain = spectral_features(xp, power, np.zeros_like(power), BIN_HZ)["sustain"]
        found = mask_features(xp, np.full_like(power, 0.9), power, sustain, BIN_HZ)
        assert bool((found["unsustained"] < -0.5).any()) is doubted
        assert found["unsustained"].max() <= 0
        assert not found["faint"].any()
        faint = mask_features(xp, np.full_like(power, 0.1), power, sustain, BIN_HZ)["faint"]
        assert faint.max() < -1


def test_the_weights_of_blocks_add_up_to_one() -> None:
    hops = np.arange(2 * STRIDE_HOPS + CROSSFADE_HOPS)
    total = sum(crossfade_weights(hops - b * STRIDE_HOPS, b > 0, b < 1) for b in range(2))
    np.testing.assert_allclose(total, 1, atol=1e-6)
