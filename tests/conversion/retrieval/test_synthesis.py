from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core.conversion.retrieval.synthesis import white_noise


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), start=st.integers(0, 10**9))
def test_noise_depends_on_place_and_seed_alone(seed: int, start: int) -> None:
    like = xp.zeros(0, dtype=xp.float32)
    whole = white_noise(like, start, 4096, seed)
    assert np.array_equal(whole[100:300], white_noise(like, start + 100, 200, seed))
    assert abs(float(whole.mean())) < 0.1
    assert abs(float(whole.std()) - 1) < 0.1
    other = white_noise(like, start, 4096, seed ^ 1)
    assert abs(np.corrcoef(whole, other)[0, 1]) < 0.1
    assert abs(np.corrcoef(whole[1:], whole[:-1])[0, 1]) < 0.1


def test_noise_is_white() -> None:
    like = np.zeros(0, np.float32)
    whole = white_noise(like, 0, 100_000)
    np.testing.assert_array_equal(white_noise(like, 70_000, 100), whole[70_000:70_100])
    assert whole.mean() == pytest.approx(0, abs=0.01)
    assert whole.std() == pytest.approx(1, abs=0.01)
    spectrum = np.abs(np.fft.rfft(whole)) ** 2
    octaves = spectrum[1 : 1 << 15].reshape(-1)[: (1 << 15) - 1]
    assert octaves[:16_000].mean() == pytest.approx(octaves[16_000:].mean(), rel=0.05)
