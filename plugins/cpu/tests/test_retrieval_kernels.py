"""The compiled kernels of ``cpu/retrieval``, compared with the reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels
from autovoice_cpu.kernels.retrieval import NumbaConversionKernels

reference, kernels = ReferenceConversionKernels(), NumbaConversionKernels()
seeds = st.integers(0, 2**32 - 1)


@settings(deadline=None, max_examples=30)
@given(seeds, st.integers(0, 300), st.integers(1, 40), st.integers(1, 9), st.integers(1, 12))
def test_the_nearest_are_the_nearest(
    seed: int, queries: int, references: int, size: int, k: int
) -> None:
    rng = np.random.default_rng(seed)
    q = rng.standard_normal((queries, size)).astype(np.float32)
    r = rng.standard_normal((references, size)).astype(np.float32)
    wanted, far = reference.nearest(q, r, k) if queries else (np.zeros((0, k)), np.zeros((0, k)))
    found, distances = kernels.nearest(q, r, k)
    assert found.shape == (queries, k)
    tolerance = 1e-4 * max(1.0, float((r**2).sum(axis=1).max()))
    np.testing.assert_allclose(distances, far, atol=tolerance)
    clear = np.abs(np.diff(far, axis=1, append=np.inf)) > 2 * tolerance
    clear[:, 1:] &= clear[:, :-1]
    np.testing.assert_array_equal(found[clear], wanted[clear])


def test_of_equal_distances_the_lower_index_comes_first() -> None:
    same = np.ones((5, 3), np.float32)
    found, distances = kernels.nearest(same[:1], same, 3)
    assert found.tolist() == [[0, 1, 2]]
    assert distances.tolist() == [[0.0, 0.0, 0.0]]


@settings(deadline=None, max_examples=30)
@given(seeds, st.integers(1, 4), st.integers(1, 20), st.integers(1, 6))
def test_paths_are_the_cheapest(seed: int, paths: int, length: int, states: int) -> None:
    rng = np.random.default_rng(seed)
    # Small whole numbers, so that there are ties and sums are exact.
    local = rng.integers(0, 3, (paths, length, states)).astype(float)
    steps = rng.integers(0, 3, (paths, length - 1, states, states)).astype(float)
    np.testing.assert_array_equal(
        kernels.cheapest_paths(local, steps), reference.cheapest_paths(local, steps)
    )


@pytest.mark.parametrize("spacing", [80.0, 220.5, 1.25])
def test_oscillators_follow_their_definition(spacing: float) -> None:
    rng = np.random.default_rng(1)
    count = int(12 * spacing)
    phase = 1e6 + np.cumsum(rng.uniform(0.001, 0.01, count))
    real, imaginary = rng.standard_normal((2, 14, 40)).astype(np.float32)
    real[:, 30:] = imaginary[:, 30:] = 0.0
    wanted = reference.oscillators(phase, real, imaginary, spacing)
    found = kernels.oscillators(phase, real, imaginary, spacing)
    assert found.dtype == np.float32
    sum_of_amplitudes = np.hypot(real, imaginary).sum(axis=1).max()
    np.testing.assert_allclose(found, wanted, atol=1e-5 * sum_of_amplitudes)


@settings(deadline=None, max_examples=30)
@given(seeds, st.integers(1, 3), st.integers(0, 8), st.integers(1, 20), st.integers(0, 50))
def test_frames_add_up_and_what_lies_outside_is_dropped(
    seed: int, channels: int, count: int, size: int, length: int
) -> None:
    rng = np.random.default_rng(seed)
    frames = rng.standard_normal((channels, count, size)).astype(np.float32)
    starts = rng.integers(-30, 60, count)
    np.testing.assert_allclose(
        kernels.overlap_add(frames, starts, length),
        reference.overlap_add(frames, starts, length),
        atol=1e-5,
    )
