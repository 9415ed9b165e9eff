from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from conversion_truth import phrase, track, vowel
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from autovoice_core import Audio, PitchTrack
from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_core.conversion.retrieval.song_sample import ANALYSIS_SECONDS, SongSample
from autovoice_core.conversion.retrieval.unvoiced import NEIGHBOURHOOD

RATE = 16_000
CONTEXT = 2 * int(ANALYSIS_SECONDS * RATE)


def sampled(vocals: Audio, pitch: PitchTrack, cuts: tuple[int, ...] = ()) -> SongSample:
    """What is kept of a song in windows that reach beyond their cuts."""
    sample = SongSample(F0Contour(pitch), vocals.sample_rate)
    for first, last in pairwise([0, *cuts, vocals.frames]):
        start = max(0, first - CONTEXT)
        sample.add(vocals.numpy()[:, start : last + CONTEXT], start)
    return sample


def noise(seconds: float, loudness: float = 0.02) -> NDArray[np.float64]:
    return loudness * np.random.default_rng(3).standard_normal(int(seconds * RATE))


def note_then(rest: NDArray[np.float64]) -> tuple[Audio, PitchTrack]:
    """A note of a second and what comes after it."""
    sound = np.concatenate([vowel(np.full(RATE, 200.0), RATE), rest])
    voiced = np.arange(sound.size) < RATE
    pitch = track(np.full(sound.size, 200.0), RATE, voiced.astype(np.float64))
    return Audio(sound[None].astype(np.float32), RATE), pitch


@settings(deadline=None, max_examples=8)
@given(st.lists(st.integers(4_000, 60_000), max_size=6, unique=True))
def test_windows_keep_the_frames_that_the_whole_song_keeps(cuts: list[int]) -> None:
    vocals, pitch = phrase(RATE, 150.0)
    whole, parts = sampled(vocals, pitch), sampled(vocals, pitch, tuple(sorted(cuts)))
    np.testing.assert_array_equal(parts.voiced.numbers, whole.voiced.numbers)
    np.testing.assert_allclose(parts.voiced.rows, whole.voiced.rows, atol=1e-3)
    known, found = whole.unvoiced(), parts.unvoiced()
    assert known is not None
    assert found is not None
    assert found.frames == known.frames > 10
    np.testing.assert_allclose(found.mean, known.mean, atol=1e-3)


def test_a_window_that_comes_again_counts_once() -> None:
    vocals, pitch = phrase(RATE, 150.0)
    sample, once = sampled(vocals, pitch), sampled(vocals, pitch)
    sample.add(vocals.numpy(), 0)
    np.testing.assert_array_equal(sample.voiced.numbers, once.voiced.numbers)


def test_of_what_is_unvoiced_only_what_is_near_a_note_is_the_singer_s() -> None:
    near, long = (sampled(*note_then(noise(seconds))).unvoiced() for seconds in (0.5, 3.0))
    assert near is not None
    assert long is not None
    assert near.frames == long.frames
    assert NEIGHBOURHOOD - 5 < near.frames < NEIGHBOURHOOD


@pytest.mark.parametrize("rest", [noise(0.5, 1e-6), np.zeros(8_000)])
def test_silence_after_a_note_is_nobody_s_sound(rest: NDArray[np.float64]) -> None:
    assert sampled(*note_then(rest)).unvoiced() is None


def test_where_nothing_is_voiced_nothing_is_known() -> None:
    pitch = track(np.full(RATE, 200.0), RATE, np.zeros(RATE))
    sample = sampled(Audio(noise(1.0)[None].astype(np.float32), RATE), pitch)
    assert sample.unvoiced() is None
    assert sample.voiced.rows is None
