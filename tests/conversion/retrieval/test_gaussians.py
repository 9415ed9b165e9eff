from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.gaussians import (
    CEPSTRA,
    Gaussian,
    ShapeMap,
    orthonormal_basis,
    transport,
)
from autovoice_core.conversion.retrieval.mel_axis import POINTS

LIKE = np.zeros(1, np.float32)
Rows = NDArray[np.float64]


def scattered(seed: int, count: int, width: int) -> Rows:
    """Rows whose columns depend on one another, around a mean of their own."""
    random = np.random.default_rng(seed)
    mixing = random.standard_normal((width, width)) + 2.0 * np.eye(width)
    rows: Rows = random.standard_normal((count, width)) @ mixing + random.standard_normal(width)
    return rows


def assert_same(found: Gaussian, wanted: Gaussian) -> None:
    np.testing.assert_allclose(found.mean, wanted.mean, atol=1e-6)
    np.testing.assert_allclose(found.covariance, wanted.covariance, atol=1e-6)
    assert found.frames == pytest.approx(wanted.frames)


def offset_map(offset: float, points: int = POINTS, like: Any = LIKE) -> ShapeMap:
    """A map that leaves cepstra as they are but for an offset."""
    count = min(CEPSTRA, points)
    return ShapeMap.affine(np.eye(count), np.full(count, offset), points, like)


seeds = st.integers(0, 10_000)


@settings(deadline=None, max_examples=25)
@given(seeds, st.integers(1, 8))
def test_transport_gives_rows_the_mean_and_covariance_of_the_target(seed: int, width: int) -> None:
    rows = scattered(seed, 200, width)
    source, target = Gaussian.of(rows), Gaussian.of(scattered(seed + 1, 300, width))
    matrix = transport(source.covariance, target.covariance, 0.0)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-6)
    found = Gaussian.of((rows - source.mean) @ matrix + target.mean)
    np.testing.assert_allclose(found.mean, target.mean, atol=1e-6)
    np.testing.assert_allclose(found.covariance, target.covariance, rtol=1e-4, atol=1e-4)


@settings(deadline=None, max_examples=25)
@given(seeds, st.integers(1, 99))
def test_statistics_of_two_parts_joined_are_those_of_all_rows(seed: int, first: int) -> None:
    rows = scattered(seed, 100, 4)
    joined = Gaussian.of(rows[:first]).joined(Gaussian.of(rows[first:]))
    assert_same(joined, Gaussian.of(rows))


def test_a_row_of_weight_two_counts_as_two_rows() -> None:
    rows = scattered(3, 10, 4)
    weights = np.ones(10)
    weights[4] = 2.0
    twice = np.concatenate([rows, rows[4:5]])
    assert_same(Gaussian.of(rows, weights), Gaussian.of(twice))


def test_a_projection_has_the_statistics_of_projected_rows() -> None:
    rows, matrix = scattered(4, 50, 6), scattered(5, 6, 3)
    assert_same(Gaussian.of(rows).projected(matrix), Gaussian.of(rows @ matrix))


@pytest.mark.parametrize(("memory", "mean"), [(100.0, 0.5), (900.0, 0.1), (1e6, 0.1)])
def test_rows_before_the_memory_are_forgotten(memory: float, mean: float) -> None:
    known = Gaussian.of(np.zeros((900, 2))).with_recent(np.ones((100, 2)), memory)
    np.testing.assert_allclose(known.mean, mean)
    np.testing.assert_allclose(known.covariance, mean * (1.0 - mean))
    assert known.frames == 1000  # all are counted all the same


def test_a_covariance_is_drawn_by_as_many_frames_as_are_asked_for() -> None:
    known = Gaussian.of(scattered(6, 10, 3))
    drawn = known.drawn_to(np.eye(3), 30.0)
    np.testing.assert_allclose(drawn.covariance, 0.25 * known.covariance + 0.75 * np.eye(3))
    np.testing.assert_array_equal(drawn.mean, known.mean)
    assert drawn.frames == 10


def test_directions_that_were_not_heard_are_not_amplified() -> None:
    few = Gaussian.of(np.random.default_rng(0).standard_normal((3, CEPSTRA)))
    gains = np.linalg.eigvalsh(transport(few.covariance, np.eye(CEPSTRA), 0.05))
    assert gains.max() < 10  # more than 10 000 without a ridge


def test_a_voice_that_never_varies_is_mapped_to_itself_as_it_is() -> None:
    nothing = np.zeros((3, 3))
    np.testing.assert_allclose(transport(nothing, nothing, 0.05), np.eye(3), atol=1e-6)


@pytest.mark.parametrize("points", [20, 96, POINTS])
def test_cepstra_are_orthonormal(points: int) -> None:
    basis = orthonormal_basis(points)
    assert basis.shape == (points, min(CEPSTRA, points))
    np.testing.assert_allclose(basis.T @ basis, np.eye(basis.shape[1]), atol=1e-12)


def test_from_a_voice_to_itself_shapes_stay_as_they_are() -> None:
    voice = Gaussian.of(scattered(7, 300, CEPSTRA))
    shapes = np.random.default_rng(1).standard_normal((5, POINTS)).astype(np.float32)
    found = ShapeMap.between(voice, voice, 96, 0.05, shapes).change(shapes)
    np.testing.assert_allclose(found, 0.0, atol=1e-4)


def test_a_map_between_voices_takes_the_one_s_mean_to_the_other_s() -> None:
    basis = orthonormal_basis(POINTS)
    own, wanted = (scattered(seed, 300, CEPSTRA) @ basis.T for seed in (8, 9))
    mapping = ShapeMap.between(
        Gaussian.of(own @ basis), Gaussian.of(wanted @ basis), 128, 0.05, own
    )
    mapped = own + mapping.change(own)
    np.testing.assert_allclose(mapped.mean(axis=0), wanted.mean(axis=0), atol=1e-6)


def test_above_the_band_shapes_move_as_at_its_last_point() -> None:
    shapes = np.random.default_rng(2).standard_normal((5, POINTS)).astype(np.float32)
    change = offset_map(0.3, 90).change(shapes)
    assert change.shape == shapes.shape
    assert np.ptp(change[:, :90]) > 0.1
    np.testing.assert_array_equal(change[:, 90:], np.repeat(change[:, 89:90], POINTS - 90, axis=1))


@given(st.floats(0, 1))
def test_a_map_goes_nearer_to_another_by_a_share_of_the_way(share: float) -> None:
    shapes = np.ones((1, POINTS), np.float32)
    found = offset_map(1.0).nearer(offset_map(3.0), share).change(shapes)
    wanted = offset_map(1.0 + 2.0 * share).change(shapes)
    np.testing.assert_allclose(found, wanted, atol=1e-4)
