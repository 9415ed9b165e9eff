from __future__ import annotations

from pathlib import Path
from typing import Any

import array_api_compat.numpy as xp
import numpy as np
import safetensors
from conversion_truth import VOWELS, track, vowel

from autovoice_core import Audio
from autovoice_core.conversion.retrieval.content import (
    COEFFICIENTS,
    cepstra,
    cosine_basis,
    mean_and_deviation,
)
from autovoice_core.conversion.retrieval.exemplars import analyse_recording
from autovoice_core.conversion.retrieval.phones import (
    PHONE_LOOK_AHEAD,
    PHONE_OFFSETS,
    WEIGHTS,
    PhoneNetwork,
)

STATES = 126
LIKE = np.zeros(0, np.float32)


def rows(count: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal((count, COEFFICIENTS)).astype(np.float32)


def one_run(count: int) -> Any:
    return np.arange(count) > 0


def sung_vowels(f0: float, tract: float) -> Any:
    """Cepstra of half a second of each vowel, normalised over all of them."""
    rate = 16_000
    tune = np.full(3 * rate // 2, f0)
    parts = [
        vowel(tune[: rate // 2], rate, tuple(tract * f for f in VOWELS[name])) for name in "aiu"
    ]
    audio = Audio(np.concatenate(parts)[None].astype(np.float32), rate)
    frames = analyse_recording(audio, track(tune, rate), xp, None).frames
    sounds = cepstra(frames.envelope, cosine_basis(96, frames.envelope))
    mean, deviation = mean_and_deviation(sounds)
    return (sounds - mean) / deviation


def test_vowels_of_a_short_and_a_long_tract_are_alike() -> None:
    found = [
        PhoneNetwork(LIKE).root_posteriors(each, one_run(len(each)))
        for each in (sung_vowels(110.0, 1.0), sung_vowels(220.0, 1.15))
    ]
    # The middle of each vowel, away from where one passes into the next.
    low, high = (each[[25, 75, 125]] for each in found)
    distance = np.sqrt(((low[:, None] - high[None]) ** 2).sum(axis=2))
    assert distance.argmin(axis=1).tolist() == [0, 1, 2]
    assert np.diag(distance).max() < distance[~np.eye(3, dtype=bool)].min()


def test_squares_are_the_posteriors_of_the_states() -> None:
    found = PhoneNetwork(LIKE).root_posteriors(rows(30), one_run(30))
    assert found.shape == (30, STATES)
    assert found.dtype == np.float32
    assert found.min() >= 0.0
    np.testing.assert_allclose((found**2).sum(axis=1), 1.0, rtol=1e-5)


def test_later_frames_are_read_as_far_as_the_look_ahead() -> None:
    network, before = PhoneNetwork(LIKE), rows(40)
    after = np.concatenate([before[:21], rows(19, 1)])
    first, second = (network.root_posteriors(each, one_run(40)) for each in (before, after))
    untouched = 21 - PHONE_LOOK_AHEAD
    np.testing.assert_array_equal(first[:untouched], second[:untouched])
    assert np.abs(first[untouched:] - second[untouched:]).max() > 1e-3


def test_other_runs_are_not_read() -> None:
    network, before = PhoneNetwork(LIKE), rows(40)
    follows = one_run(40)
    follows[20] = False
    after = np.concatenate([before[:20], rows(20, 1)])
    first, second = (network.root_posteriors(each, follows) for each in (before, after))
    np.testing.assert_array_equal(first[:20], second[:20])


def test_every_second_frame_is_enough_for_the_posteriors_of_every_second() -> None:
    network, sounds = PhoneNetwork(LIKE), rows(61)
    inner = slice(-PHONE_OFFSETS[0] // 2, -PHONE_OFFSETS[-1] // 2)
    whole = network.root_posteriors(sounds, one_run(61))[::2][inner]
    half = network.root_posteriors(sounds[::2], one_run(31), step=2)[inner]
    np.testing.assert_allclose(half, whole, atol=1e-6)


def test_no_benchmark_voice_was_learnt_from(shared_data: Path) -> None:
    with safetensors.safe_open(WEIGHTS, "numpy") as file:
        learnt_from = set(file.metadata()["speakers"].split())
    assert len(learnt_from) > 200
    assert learnt_from.isdisjoint(each.name for each in (shared_data / "voices").iterdir())
