from __future__ import annotations

from typing import Any

import array_api_compat.numpy as xp
import numpy as np
import pytest
from conversion_truth import VOWELS, phrase, track, vowel
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core import Audio
from autovoice_core.conversion.retrieval.cepstra import (
    COEFFICIENTS,
    cepstra,
    in_context,
    statistics,
)
from autovoice_core.conversion.retrieval.content import Hearing
from autovoice_core.conversion.retrieval.exemplars import frames_of
from autovoice_core.conversion.retrieval.mel_axis import POINTS
from autovoice_core.conversion.retrieval.phone_shapes import Accent
from autovoice_core.conversion.retrieval.phones import LOOKS_AHEAD, OFFSETS, Phones

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
    frames, _ = frames_of(audio, track(tune, rate), xp, None)
    sounds = cepstra(frames.envelope, 96)
    mean, deviation = statistics(sounds)
    return (sounds - mean) / deviation


def test_a_short_and_a_long_tract_say_the_same_vowels() -> None:
    told = [
        Phones(LIKE).told(each, one_run(len(each)))
        for each in (sung_vowels(110.0, 1.0), sung_vowels(220.0, 1.15))
    ]
    # The middle of each vowel, away from where one passes into the next.
    low, high = (each[[25, 75, 125]] for each in told)
    apart = np.sqrt(((low[:, None] - high[None]) ** 2).sum(axis=2))
    assert apart.argmin(axis=1).tolist() == [0, 1, 2]
    assert np.diag(apart).max() < apart[~np.eye(3, dtype=bool)].min()


def test_squares_are_the_probabilities_of_the_states() -> None:
    told = Phones(LIKE).told(rows(30), one_run(30))
    assert told.shape == (30, STATES)
    assert told.dtype == np.float32
    assert told.min() >= 0.0
    np.testing.assert_allclose((told**2).sum(axis=1), 1.0, rtol=1e-5)


def test_the_frames_to_come_that_are_looked_at_are_as_many_as_is_said() -> None:
    phones, before = Phones(LIKE), rows(40)
    after = np.concatenate([before[:21], rows(19, 1)])
    first, second = (phones.told(each, one_run(40)) for each in (before, after))
    untouched = 21 - LOOKS_AHEAD
    np.testing.assert_array_equal(first[:untouched], second[:untouched])
    assert np.abs(first[untouched:] - second[untouched:]).max() > 1e-3


def test_where_little_is_known_of_what_comes_cepstra_alone_are_compared() -> None:
    units, follows = rows(40), one_run(40)
    hearing = Hearing(units, follows, 1)
    assert hearing.target.phones is None
    np.testing.assert_array_equal(
        hearing.of(units, follows).features, in_context(units, follows, (-5, 0, 1))
    )


def test_what_lies_in_another_run_is_not_heard() -> None:
    phones, before = Phones(LIKE), rows(40)
    follows = one_run(40)
    follows[20] = False
    after = np.concatenate([before[:20], rows(20, 1)])
    first, second = (phones.told(each, follows) for each in (before, after))
    np.testing.assert_array_equal(first[:20], second[:20])


def test_every_second_frame_is_enough_to_hear_every_second() -> None:
    phones, sounds = Phones(LIKE), rows(61)
    inner = slice(-OFFSETS[0] // 2, -OFFSETS[-1] // 2)
    whole = phones.told(sounds, one_run(61))[::2][inner]
    half = phones.told(sounds[::2], one_run(31), step=2)[inner]
    np.testing.assert_allclose(half, whole, atol=1e-6)


def test_phones_weigh_as_much_as_they_are_meant_to() -> None:
    audio, pitch = phrase(16_000, 150.0)
    frames, chosen = frames_of(audio, pitch, xp, None)
    sounds = cepstra(frames.envelope, 96)[chosen]
    mean, deviation = statistics(sounds)
    units, follows = (sounds - mean) / deviation, one_run(len(sounds))
    hearing = Hearing(units, follows, LOOKS_AHEAD)
    varied = hearing.target.features.var(axis=0)
    around = 3 * COEFFICIENTS
    assert varied[around:].sum() / varied.sum() == pytest.approx(0.6, abs=0.05)
    again = hearing.of(units, follows)
    np.testing.assert_array_equal(again.features, hearing.target.features)
    np.testing.assert_array_equal(again.phones, hearing.target.phones)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000))
def test_an_accent_is_how_otherwise_each_phone_is_shaped(seed: int) -> None:
    random = np.random.default_rng(seed)
    phones = np.sqrt(random.dirichlet([0.3] * 6, 4000)).astype(np.float32)
    mine, yours = (random.standard_normal((6, POINTS)).astype(np.float32) for _ in range(2))
    accent = Accent.of(phones, phones @ mine) - Accent.of(phones[::2], phones[::2] @ yours)
    away = accent(phones) - phones @ (mine - yours)
    assert np.sqrt((away**2).mean()) < 0.1  # a ridge shrinks; unshrunk, they differ by 1.4 or so
    same = Accent.of(phones, phones @ mine) - Accent.of(phones, phones @ mine)
    np.testing.assert_allclose(same(phones), 0.0, atol=1e-5)
