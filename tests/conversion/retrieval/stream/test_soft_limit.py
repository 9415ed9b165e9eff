from __future__ import annotations

import numpy as np
import pytest

from autovoice_core.conversion.retrieval.stream.soft_limit import KNEE, soft_limited


@pytest.mark.parametrize("ceiling", [1.0, 3.0])
def test_peaks_stay_within_the_ceiling_and_the_rest_as_it_is(ceiling: float) -> None:
    samples = np.linspace(-4 * ceiling, 4 * ceiling, 10_001).astype(np.float32)[np.newaxis]
    limited = soft_limited(samples, ceiling)
    assert np.abs(limited).max() <= np.float32(ceiling)
    quiet = np.abs(samples) <= np.float32(KNEE * ceiling)
    np.testing.assert_array_equal(limited[quiet], samples[quiet])


def test_the_curve_rises_without_a_corner() -> None:
    samples = np.linspace(0, 1.2, 100_001, dtype=np.float64)[np.newaxis]
    slope = np.diff(soft_limited(samples, 1.0)[0]) / np.diff(samples[0])
    assert slope.min() > 0
    assert slope.max() < 1 + 1e-9
    assert np.abs(np.diff(slope)).max() < 1e-3
