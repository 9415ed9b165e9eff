from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core.recipes.reference.separation import ReferenceSeparationKernels
from autovoice_cpu.kernels.separation import NumbaSeparationKernels

ours, reference = NumbaSeparationKernels(), ReferenceSeparationKernels()


@given(
    frames=st.integers(1, 40),
    reach=st.integers(0, 30),
    count=st.integers(1, 12),
    spacing=st.integers(1, 8),
    values=st.sampled_from([2, 5, 1000]),  # few values: many ties
    seed=st.integers(0, 2**32),
)
def test_the_most_similar_frames_are_exactly_those_of_the_reference(
    frames: int, reach: int, count: int, spacing: int, values: int, seed: int
) -> None:
    similarity = np.random.default_rng(seed).integers(-1, values, (frames, 2 * reach + 1))
    similarity = similarity.astype(np.int32)
    expected = reference.spaced_peaks(similarity, count, spacing)
    np.testing.assert_array_equal(ours.spaced_peaks(similarity, count, spacing), expected)


def test_of_equally_similar_frames_the_nearer_and_then_the_earlier_comes_first() -> None:
    similarity = np.full((1, 7), 5, np.int32)
    for kernels in (ours, reference):
        assert kernels.spaced_peaks(similarity, 7, 1).tolist() == [[0, -1, 1, -2, 2, -3, 3]]
        assert kernels.spaced_peaks(similarity, 3, 3).tolist() == [[0, -3, 3]]


def test_frames_that_are_not_there_are_never_chosen() -> None:
    similarity = np.array([[-1, -1, 3, 0, -1]], np.int32)
    for kernels in (ours, reference):
        assert kernels.spaced_peaks(similarity, 4, 1).tolist() == [[0, 1, -1, -1]]


@given(
    frames=st.integers(1, 30),
    bins=st.sampled_from([1, 5, 128, 300]),
    rows=st.integers(1, 100),
    count=st.integers(1, 33),
    seed=st.integers(0, 2**32),
)
def test_medians_are_those_of_the_reference(
    frames: int, bins: int, rows: int, count: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((frames, bins)).astype(np.float32)
    chosen = rng.integers(0, frames, (rows, count)).astype(np.int32)
    chosen[np.arange(count) >= rng.integers(1, count + 1, (rows, 1))] = -1
    expected = reference.median_of_frames(values, chosen)
    median = ours.median_of_frames(values, chosen)
    assert median.dtype == np.float32
    np.testing.assert_allclose(median, expected, rtol=0, atol=3e-7)
