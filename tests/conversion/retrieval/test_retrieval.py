from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from conversion_runs import convert_in_windows
from conversion_truth import VOWELS, babble, phrase, track, vowel
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core import Audio, PitchTrack
from autovoice_core.conversion.retrieval.analysis import analyse
from autovoice_core.conversion.retrieval.content import cepstra, cosine_basis
from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_core.conversion.retrieval.frames import (
    MOVEMENT_REACH,
    hann,
    movement,
    sample_positions,
)
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES
from autovoice_core.conversion.retrieval.retrieval import Retrieval
from autovoice_core.metrics import compute_metrics

Render = Callable[..., np.ndarray]


def decibels(signal: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(signal, dtype=float)) + 1e-20))


@pytest.mark.parametrize("key", [0.0, 3.0])
def test_windows_give_what_the_whole_gives(
    converter: Retrieval, voice: Any, render: Render, key: float
) -> None:
    vocals, pitch = phrase(22_050, 150.0)
    whole = render(voice, vocals, pitch, key)
    parts = convert_in_windows(converter, voice, vocals, pitch, key, 0.9)
    assert parts.shape == whole.shape == vocals.numpy().shape
    assert np.abs(parts - whole).max() < 1e-4 * np.abs(whole).max()


def articulation(vocals: np.ndarray, rate: int, pitch: PitchTrack, key: float) -> np.ndarray:
    """Return how far the sound moves from frame to frame, half a second of either end left out."""
    numbers = np.arange(50, vocals.shape[1] * 100 // rate - 50)
    f0, voiced = F0Contour(pitch, key).at(numbers / 100)
    moved = f0 * 2 ** (key / 12)
    frames = analyse(vocals, sample_positions(numbers, rate), moved, voiced, rate)
    sounds = cepstra(frames.envelope, cosine_basis(80, frames.envelope))
    return movement(sounds, hann(MOVEMENT_REACH))


@pytest.fixture(scope="module")
def talker(converter: Retrieval) -> Any:
    """A voice that never rests."""
    return SimpleNamespace(features=converter.learn([babble(16_000, 200.0, 1.15)]))


@pytest.mark.parametrize("key", [0.0, 4.0])
def test_a_held_note_rests_in_a_voice_that_only_spoke(
    talker: Any, render: Render, key: float
) -> None:
    rate = 16_000
    time = np.arange(6 * rate) / rate
    tune = 160.0 * 2 ** (0.4 * np.sin(2 * np.pi * 5.5 * time) / 12)
    sound = vowel(tune, rate, VOWELS["i"], breath=0.1)
    vocals, pitch = Audio(sound[None].astype(np.float32), rate), track(tune, rate)
    before = articulation(vocals.numpy(), rate, pitch, 0.0)
    after = articulation(render(talker, vocals, pitch, key), rate, pitch, key)
    assert after.mean() < 2.0 * before.mean()
    assert after.max() < 4.0 * before.max()  # neither at the borders of blocks


@pytest.mark.parametrize("key", [0.0, 4.0])
def test_syllables_stay_syllables(talker: Any, render: Render, key: float) -> None:
    rate = 16_000
    vocals, pitch = babble(rate, 150.0, 0.95)
    before = articulation(vocals.numpy(), rate, pitch, 0.0)
    after = articulation(render(talker, vocals, pitch, key), rate, pitch, key)
    assert 0.6 < after.mean() / before.mean() < 1.6


@pytest.mark.parametrize("key", [-12.0, -0.5, 0.0, 7.0])
def test_the_tune_is_kept_and_moved_by_exactly_the_key(
    voice: Any, render: Render, key: float
) -> None:
    vocals, pitch = phrase(22_050, 200.0)
    converted = Audio(render(voice, vocals, pitch, key), 22_050)
    metrics = compute_metrics(vocals, converted)
    assert metrics.key == pytest.approx(key, abs=0.03)
    assert metrics.f0_error < 4


def test_formants_become_the_target_s(voice: Any, render: Render) -> None:
    rate = 44_100
    vocals, pitch = phrase(rate, 150.0)
    for key in (0.0, 4.0):
        converted = render(voice, vocals, pitch, key)
        f0, voiced = F0Contour(pitch, key).at(np.arange(20, 60) / 100)
        centres = sample_positions(np.arange(20, 60), rate)
        moved = f0 * 2 ** (key / 12)
        found = analyse(converted, centres, moved, voiced, rate).envelope.mean(axis=0)
        truth = []
        for scale in (1.0, 1.15):
            formants = tuple(scale * f for f in VOWELS["a"])
            sound = vowel(np.full(rate, 150.0), rate, formants, breath=0.05).astype(np.float32)
            true = analyse(sound[None], centres, np.full(40, 150.0), np.ones(40, bool), rate)
            truth.append(true.envelope.mean(axis=0))
        compared = (FREQUENCIES > 400) & (FREQUENCIES < 4000)
        distances = [np.std((found - true)[compared]) for true in truth]
        assert distances[1] < 0.5 * distances[0]


@pytest.mark.parametrize("key", [0.0, 5.0])
def test_loudness_follows_each_channel(voice: Any, render: Render, key: float) -> None:
    rate = 22_050
    mono, pitch = phrase(rate, 150.0)
    time = np.arange(mono.frames) / rate
    left = mono.numpy()[0] * (0.3 + 0.2 * np.sin(2 * np.pi * time)).astype(np.float32)
    vocals = Audio(np.stack([left, 0.25 * left, 0.0 * left]), rate)
    converted = render(voice, vocals, pitch, key)
    np.testing.assert_allclose(converted[1], 0.25 * converted[0], atol=1e-5)
    assert not converted[2].any()
    step = rate // 10
    sung = slice(step, 17 * step)
    before = left[sung].reshape(-1, step)
    after = converted[0, sung].reshape(-1, step)
    difference = [decibels(a) - decibels(b) for a, b in zip(after, before, strict=True)]
    assert np.std(difference) < 2.5
    assert abs(np.mean(difference)) < 3.0


@pytest.mark.parametrize("key", [-5.0, 7.0])
def test_loudness_does_not_dip_where_voicing_changes(
    voice: Any, render: Render, key: float
) -> None:
    rate = 16_000
    time = np.arange(4 * rate) / rate
    tune, voiced = np.full(time.size, 160.0), (time % 0.4 < 0.2) * 1.0
    sound = Audio(vowel(tune, rate, breath=0.1)[None].astype(np.float32), rate)
    converted = render(voice, sound, track(tune, rate, voiced), key)[0]
    from_edge = np.abs((time + 0.1) % 0.2 - 0.1)
    within = (time > 0.5) & (time < 3.5)
    edges, elsewhere = within & (from_edge < 0.01), within & (from_edge > 0.04)
    assert decibels(converted[edges]) == pytest.approx(decibels(converted[elsewhere]), abs=0.7)


@pytest.mark.parametrize("key", [0.0, 12.0])
def test_breath_passes_through_as_noise(voice: Any, render: Render, key: float) -> None:
    rate = 44_100
    vocals, pitch = phrase(rate, 150.0)
    breath = slice(int(1.9 * rate), int(2.1 * rate))
    before = vocals.numpy()[0, breath]
    after = render(voice, vocals, pitch, key)[0, breath]
    assert decibels(after) == pytest.approx(decibels(before), abs=5.0)
    assert np.corrcoef(before, after)[0, 1] > 0.7  # the very noise, in another colour


@pytest.mark.parametrize("key", [0.0, -5.0])
def test_silence_stays_silent(voice: Any, render: Render, key: float) -> None:
    vocals, pitch = phrase(16_000, 150.0)
    assert not render(voice, vocals, pitch, key)[:, -1000:].any()
    silent = Audio(0 * vocals.numpy(), 16_000)
    assert not render(voice, silent, pitch, key).any()


def test_one_s_own_voice_hardly_changes(converter: Retrieval, render: Render) -> None:
    rate = 44_100
    vocals, pitch = phrase(rate, 150.0)
    features = converter.learn([(vocals, pitch)])
    converted = render(SimpleNamespace(features=features), vocals, pitch, 0.0)
    error = converted - vocals.numpy()
    assert decibels(error) < decibels(vocals.numpy()) - 15


def test_above_the_band_of_the_recordings_the_singer_s_own_goes_on(
    voice: Any, render: Render
) -> None:
    rate = 44_100
    tune = np.full(2 * rate, 150.0)
    vocals = Audio(vowel(tune, rate, (800, 12_000), breath=0.3)[None].astype(np.float32), rate)
    for key in (0.0, 2.0):
        converted = render(voice, vocals, track(tune, rate), key)
        high = [
            decibels(spectrum[0, 2 * 11_500 : 2 * 12_500])
            - decibels(spectrum[0, 2 * 14_000 : 2 * 16_000])
            for spectrum in (np.abs(np.fft.rfft(s)) for s in (vocals.numpy(), converted))
        ]
        assert high[0] > 30
        assert high[1] > 25


@settings(deadline=None, max_examples=12)
@given(
    rate=st.sampled_from([8000, 11_025, 44_100, 48_000, 192_000]),
    channels=st.integers(1, 3),
    length=st.sampled_from([0, 1, 2, 79, 440, 3000]),
    key=st.sampled_from([0.0, 1.0]),
)
def test_shape_is_kept_at_any_rate_and_length(
    converter: Retrieval, voice: Any, rate: int, channels: int, length: int, key: float
) -> None:
    sound = np.random.default_rng(0).standard_normal((channels, length)).astype(np.float32)
    frames = 1 + length * 100 // rate
    pitch = PitchTrack(
        np.full(frames, 200.0), np.ones(frames, bool), np.ones(frames, np.float32), 0.01
    )
    conversion = converter.begin(voice, pitch, rate, key=key)
    vocals = Audio(sound, rate)
    conversion.observe(vocals, 0)
    converted = conversion.render(vocals, 0)
    assert converted.numpy().shape == sound.shape
    assert converted.sample_rate == rate
    assert converted.numpy().dtype == np.float32
    assert np.isfinite(converted.numpy()).all()


def test_where_nothing_is_voiced_nothing_changes(voice: Any, render: Render) -> None:
    vocals, _ = phrase(16_000, 150.0, seconds=1.0)
    nothing = PitchTrack(np.zeros(101), np.zeros(101, bool), np.zeros(101, np.float32), 0.01)
    np.testing.assert_array_equal(render(voice, vocals, nothing, 5.0), vocals.numpy())


def test_a_song_too_short_to_know_its_singer_is_sung_all_the_same(
    voice: Any, render: Render
) -> None:
    vocals, pitch = phrase(16_000, 150.0, seconds=0.2)
    converted = render(voice, vocals, pitch, 12.0)
    assert decibels(converted) == pytest.approx(decibels(vocals.numpy()), abs=4.0)
