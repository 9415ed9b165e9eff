from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core.separation.wrpca.bands import BANDS, BINS, band_sums, bins_of_bands
from autovoice_core.separation.wrpca.mask_network import WITNESSES
from autovoice_core.separation.wrpca.vocal_features import SECOND_PASS, log_odds, vocal_features
from autovoice_core.separation.wrpca.vocal_mask import vocal_mask, witnesses

BIN_HZ = 10.77


def energies(frames: int, bins: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    mid, side = np.random.default_rng(seed).exponential(1, (2, frames, bins)).astype(np.float32)
    return mid, side


@settings(deadline=None, max_examples=30)
@given(frames=st.integers(1, 60), bins=st.sampled_from([16, 100, 700]), seed=st.integers(0, 99))
def test_a_mask_lies_between_zero_and_one(frames: int, bins: int, seed: int) -> None:
    mid, side = energies(frames, bins, seed)
    mask = vocal_mask(xp, mid, side, 4000 / bins)
    assert mask.dtype == np.float32
    assert mask.shape == mid.shape
    assert np.all((mask >= 0) & (mask <= 1))


def test_silence_has_no_voice() -> None:
    silence = np.zeros((20, 300), np.float32)
    assert not vocal_mask(xp, silence, silence, BIN_HZ).any()


def seen_of(mid: np.ndarray, side: np.ndarray) -> np.ndarray:
    features = vocal_features(xp, mid, side, BIN_HZ)
    return witnesses(xp, mid, side, features, log_odds(SECOND_PASS, features))


def test_what_the_network_sees_does_not_depend_on_the_level() -> None:
    mid, side = energies(40, BINS)
    seen = seen_of(mid, side)
    assert seen.shape == (WITNESSES, 40, BANDS)
    np.testing.assert_allclose(seen_of(1e-4 * mid, 1e-4 * side), seen, atol=1e-3)


def test_bands_without_bins_are_seen_as_silence() -> None:
    mid, side = energies(40, 500)
    level = seen_of(mid, side)[0]
    assert level[:, : 256 + 122].min() > level[:, 256 + 122 :].max()


def test_bins_of_a_band_have_its_value_and_add_up_to_it() -> None:
    values = np.arange(3 * BANDS, dtype=np.float32).reshape(3, BANDS)
    spread = bins_of_bands(xp, values)
    assert spread.shape == (3, BINS)
    sizes = band_sums(xp, np.ones((1, BINS), np.float32))[0]
    assert sizes.tolist() == [1] * 256 + [2] * 128 + [4] * 128
    np.testing.assert_array_equal(band_sums(xp, spread), values * sizes)
