from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.gaussians import CEPSTRA, orthonormal_basis
from autovoice_core.conversion.retrieval.mel_axis import POINTS
from autovoice_core.conversion.retrieval.phone_maps import GROUPS, PhoneMaps, clustered

STATES, BAND = 6, 100
Floats = NDArray[np.float32]


def root_posteriors(seed: int, count: int) -> Floats:
    posteriors = np.random.default_rng(seed).dirichlet([0.2] * STATES, count)
    return np.sqrt(posteriors).astype(np.float32)


def speech(seed: int, count: int, means: tuple[float, float]) -> tuple[Floats, Floats]:
    """Shapes and posteriors of two phones in turn, which lie at ``means`` of one cepstrum."""
    phones = np.arange(count) % 2
    cepstra = 0.3 * np.random.default_rng(seed).standard_normal((count, CEPSTRA))
    cepstra[:, 2] += np.asarray(means)[phones]
    shapes = np.zeros((count, POINTS), np.float32)
    shapes[:, :BAND] = cepstra @ orthonormal_basis(BAND).T
    return shapes, np.eye(STATES, dtype=np.float32)[phones]


def fitted(source: tuple[Floats, Floats], target: tuple[Floats, Floats]) -> PhoneMaps:
    return PhoneMaps.fit(source, target, BAND, 0.05, 100.0)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 1000), st.integers(1, 200))
def test_centroids_are_of_length_one_and_the_same_each_time(seed: int, count: int) -> None:
    posteriors = root_posteriors(seed, count)
    centroids = clustered(posteriors)
    assert centroids.shape == (GROUPS, STATES)
    np.testing.assert_allclose(np.linalg.norm(centroids, axis=1), 1.0, atol=1e-6)
    np.testing.assert_array_equal(clustered(posteriors), centroids)


def test_phones_that_differ_get_centroids_of_their_own() -> None:
    corners = np.eye(STATES, dtype=np.float32)
    near = np.sqrt(0.98 * np.repeat(corners, 50, axis=0) + 0.02 / STATES).astype(np.float32)
    likeness = corners @ clustered(near, STATES).T
    assert np.sort(np.argmax(likeness, axis=1)).tolist() == list(range(STATES))
    assert likeness.max(axis=1).min() > 0.98


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 1000))
def test_memberships_add_up_to_one(seed: int) -> None:
    maps = fitted(speech(1, 200, (0.0, 0.0)), speech(2, 200, (1.0, -1.0)))
    memberships = maps.memberships(root_posteriors(seed, 30))
    assert memberships.shape == (30, GROUPS)
    assert memberships.min() >= 0
    np.testing.assert_allclose(memberships.sum(axis=1), 1.0, atol=1e-5)


def test_each_phone_gets_the_target_s_mean_of_it() -> None:
    # The singer says both alike: no map that does not know what is said could part them.
    own, posteriors = speech(1, 6000, (1.0, 1.0))
    wanted, _ = target = speech(2, 6000, (4.0, -2.0))
    maps = fitted((own, posteriors), target)
    mapped = maps(own, maps.memberships(posteriors))
    assert mapped.shape == own.shape
    for phone in range(2):
        found, true = (each[phone::2].mean(axis=0)[:BAND] for each in (mapped, wanted))
        before = own[phone::2].mean(axis=0)[:BAND]
        assert np.linalg.norm(found - true) < 0.15 * np.linalg.norm(before - true)


def test_a_phone_that_the_singer_never_said_moves_as_the_voice_does() -> None:
    own, posteriors = speech(1, 2000, (0.0, 0.0))
    target = speech(2, 2000, (3.0, -3.0))
    maps = fitted((own[::2], posteriors[::2]), target)
    mapped = maps(own[1::2], maps.memberships(posteriors[1::2]))
    cepstra = mapped[:, :BAND] @ orthonormal_basis(BAND)
    assert np.abs(cepstra[:, 2].mean()) < 0.5  # the target's mean of all, not its -3 of this one


def test_the_map_of_a_phone_that_was_never_sung_starts_from_the_singer_s_mean() -> None:
    # Far from no shape at all, which a group without any frame would have had as its mean.
    own, posteriors = speech(1, 2000, (20.0, 20.0))
    maps = fitted((own[::2], posteriors[::2]), speech(2, 2000, (3.0, -3.0)))
    mapped = maps(own[1::2], maps.memberships(posteriors[1::2]))
    cepstra = mapped[:, :BAND] @ orthonormal_basis(BAND)
    assert np.abs(cepstra[:, 2].mean()) < 0.5


def test_from_a_voice_to_itself_shapes_hardly_change() -> None:
    voice = speech(1, 4000, (2.0, -2.0))
    maps = fitted(voice, voice)
    change = maps(voice[0], maps.memberships(voice[1])) - voice[0]
    assert np.abs(change).max() < 0.2 * np.abs(voice[0]).max()


def test_above_the_band_the_change_is_that_of_its_last_point() -> None:
    source = speech(1, 400, (0.0, 0.0))
    maps = fitted(source, speech(2, 400, (2.0, 1.0)))
    change = maps(source[0], maps.memberships(source[1])) - source[0]
    assert np.abs(change[:, BAND - 1]).max() > 0.01
    above = np.repeat(change[:, BAND - 1 : BAND], POINTS - BAND, axis=1)
    np.testing.assert_allclose(change[:, BAND:], above, atol=1e-5)


@pytest.mark.parametrize("count", [1, 5])
def test_fewer_frames_than_groups_move_shapes_within_reason(count: int) -> None:
    own, posteriors = speech(1, count, (0.0, 0.0))
    maps = fitted((own, posteriors), speech(2, count, (2.0, -2.0)))
    heard, said = speech(3, 50, (0.0, 0.0))
    mapped = maps(heard, maps.memberships(said))
    assert np.abs(mapped).max() < 10 * np.abs(heard).max()
