from __future__ import annotations

import numpy as np
import pytest

from autovoice_core import Audio, PitchTrack, TTSPipeline
from autovoice_core.audio.breaths import find_breaths
from autovoice_core.audio.reading import as_source
from autovoice_core.speech.alignment import Segment
from autovoice_core.speech.breathing import LEVEL, MAX_BREATH_SECONDS, with_breaths
from autovoice_core.speech.syllables import Span

RATE = 24_000
PHRASES = ((0.6, 1.0), (1.6, 1.8), (2.2, 2.6), (2.7, 3.5))
"""Between them are rests of 0.6, 0.4 and 0.1 s."""


@pytest.fixture
def song() -> Audio:
    times = np.arange(round(3.8 * RATE)) / RATE
    sung = np.any([(times >= start) & (times < end) for start, end in PHRASES], axis=0)
    tone = np.sum([np.sin(2 * np.pi * 220 * k * times) / k for k in range(1, 9)], axis=0)
    return Audio((0.1 * sung * tone)[np.newaxis].astype(np.float32), RATE)


@pytest.fixture
def segments() -> list[Segment]:
    return [Segment(Span(*phrase), Span(0.0, 0.5), is_vowel=True) for phrase in PHRASES]


def test_a_breath_is_taken_in_rests_that_are_long_enough(
    song: Audio, segments: list[Segment]
) -> None:
    breaths = with_breaths(song, segments, 1.0, 0).numpy()[0] - song.numpy()[0]
    at = np.flatnonzero(breaths) / RATE
    first, second = at[at < 1.7], at[at > 1.7]
    assert (first.min(), first.max()) == pytest.approx((1.08, 1.56), abs=0.001)
    assert (second.min(), second.max()) == pytest.approx((1.85, 2.16), abs=0.001)
    assert first.max() - first.min() == pytest.approx(MAX_BREATH_SECONDS, abs=0.001)


def test_breaths_are_found_as_such_and_have_the_level_of_a_singer_s(
    song: Audio, segments: list[Segment]
) -> None:
    breathing = with_breaths(song, segments, 1.0, 0)
    voiced = np.any([[s <= t < e for t in np.arange(380) / 100] for s, e in PHRASES], axis=0)
    pitch = PitchTrack(np.where(voiced, 220.0, 0.0), voiced, voiced.astype(np.float32), 0.01)
    found = find_breaths(as_source(breathing), pitch)
    times = np.arange(found.size) / 100
    assert found[(times > 1.2) & (times < 1.5)].all()
    assert found[(times > 1.9) & (times < 2.1)].all()
    assert not found[(times < 1.0) | (times > 2.2)].any()
    breath = breathing.numpy()[0, round(1.08 * RATE) : round(1.56 * RATE)]
    voice = song.numpy()[0, round(0.6 * RATE) : round(1.0 * RATE)]
    ratio = np.sqrt(np.mean(breath**2) / np.mean(voice**2))
    assert 20 * np.log10(ratio / LEVEL) == pytest.approx(-3, abs=1.5)  # it swells and dies away


def test_the_gain_scales_breaths_and_at_0_there_are_none(
    song: Audio, segments: list[Segment]
) -> None:
    full, softer = (
        with_breaths(song, segments, gain, 0).numpy() - song.numpy() for gain in (1.0, 0.25)
    )
    np.testing.assert_allclose(softer, 0.25 * full, atol=1e-7)
    assert with_breaths(song, segments, 0.0, 0) == song


def test_the_seed_changes_the_noise(song: Audio, segments: list[Segment]) -> None:
    one, again, other = (with_breaths(song, segments, 1.0, seed) for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_the_style_takes_breaths_out_of_a_song() -> None:
    notes = [(0.6, 1.0, 60), (1.8, 2.2, 62)]
    kept, removed = (TTSPipeline().sing("me so", notes, breath=b) for b in ("keep", "remove"))
    rest = slice(round(1.2 * kept.sample_rate), round(1.4 * kept.sample_rate))
    assert np.abs(kept.numpy()[0, rest]).max() > 0.001
    assert np.abs(removed.numpy()[0, rest]).max() < 1e-6
