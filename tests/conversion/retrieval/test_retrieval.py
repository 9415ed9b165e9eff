from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from conversion_truth import VOWELS, babble, phrase, track, vowel
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core import Audio, InputError, PitchTrack
from autovoice_core.audio.source import as_source
from autovoice_core.audio.windows import join, windows
from autovoice_core.conversion.retrieval.analysis import analyse
from autovoice_core.conversion.retrieval.cepstra import cepstra, movement
from autovoice_core.conversion.retrieval.f0 import Melody, frame_centres
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES
from autovoice_core.conversion.retrieval.retrieval import Retrieval
from autovoice_core.conversion.retrieval.synthesis import white_noise
from autovoice_core.metrics import compute_metrics

Render = Callable[..., np.ndarray]


def decibels(signal: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(signal, dtype=float)) + 1e-20))


def in_windows(
    converter: Retrieval, voice: Any, vocals: Audio, pitch: PitchTrack, key: float, core: float
) -> np.ndarray:
    rate = vocals.sample_rate
    conversion = converter.begin(voice, pitch, rate, key=key)

    def spans() -> Any:
        context = int(np.ceil((converter.context + 0.05) * rate))
        grid = converter.grid(rate)
        return windows(as_source(vocals), core=int(core * rate), context=context, grid=grid)

    for window in spans():
        conversion.observe(window.audio, window.start)
    rendered = ((w, conversion.render(w.audio, w.start).numpy()) for w in spans())
    return np.concatenate(list(join(rendered, int(0.05 * rate))), axis=1)


@pytest.mark.parametrize("key", [0.0, 3.0])
@pytest.mark.parametrize("rate", [22_050, 44_100])
def test_windows_give_what_the_whole_gives(
    converter: Retrieval, voice: Any, render: Render, key: float, rate: int
) -> None:
    vocals, pitch = phrase(rate, 150.0)
    whole = render(voice, vocals, pitch, key)
    parts = in_windows(converter, voice, vocals, pitch, key, 0.9)
    assert parts.shape == whole.shape == vocals.numpy().shape
    assert np.abs(parts - whole).max() < 1e-4 * np.abs(whole).max()


@pytest.mark.parametrize("key", [0.0, 3.0])
def test_a_note_held_for_a_minute_has_no_seam(
    converter: Retrieval, voice: Any, render: Render, key: float
) -> None:
    rate = 8000
    tune = np.full(60 * rate, 160.0)
    vocals = Audio(vowel(tune, rate, breath=0.02)[None].astype(np.float32), rate)
    pitch = track(tune, rate)
    whole = render(voice, vocals, pitch, key)
    parts = in_windows(converter, voice, vocals, pitch, key, 7.0)
    assert np.abs(parts - whole).max() < 1e-4 * np.abs(whole).max()
    steps = np.lib.stride_tricks.sliding_window_view(whole[0, rate:-rate], 400)[::400]
    levels = 10 * np.log10(np.mean(np.square(steps, dtype=float), axis=1))
    assert np.ptp(levels) < 3.0


def articulation(vocals: np.ndarray, rate: int, pitch: PitchTrack, key: float) -> np.ndarray:
    """Return how far the sound moves from frame to frame, half a second of either end left out."""
    numbers = np.arange(50, vocals.shape[1] * 100 // rate - 50)
    f0, voiced = Melody(pitch, key).at(numbers / 100)
    moved = f0 * 2 ** (key / 12)
    frames = analyse(vocals, frame_centres(numbers, rate), moved, voiced, rate)
    return movement(cepstra(frames.envelope, 80))


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
        f0, voiced = Melody(pitch, key).at(np.arange(20, 60) / 100)
        centres = frame_centres(np.arange(20, 60), rate)
        moved = f0 * 2 ** (key / 12)
        found = analyse(converted, centres, moved, voiced, rate).envelope.mean(axis=0)
        truth = []
        for scale in (1.0, 1.15):
            formants = tuple(scale * f for f in VOWELS["a"])
            sound = vowel(np.full(rate, 150.0), rate, formants, breath=0.05).astype(np.float32)
            true = analyse(sound[None], centres, np.full(40, 150.0), np.ones(40, bool), rate)
            truth.append(true.envelope.mean(axis=0))
        heard = (FREQUENCIES > 400) & (FREQUENCIES < 4000)
        away = [np.std((found - true)[heard]) for true in truth]
        assert away[1] < 0.5 * away[0]


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


def test_noise_depends_on_the_place_in_the_song_alone() -> None:
    like = np.zeros(0, np.float32)
    whole = white_noise(like, 0, 100_000)
    np.testing.assert_array_equal(white_noise(like, 70_000, 100), whole[70_000:70_100])
    assert whole.mean() == pytest.approx(0, abs=0.01)
    assert whole.std() == pytest.approx(1, abs=0.01)
    spectrum = np.abs(np.fft.rfft(whole)) ** 2
    octaves = spectrum[1 : 1 << 15].reshape(-1)[: (1 << 15) - 1]
    assert octaves[:16_000].mean() == pytest.approx(octaves[16_000:].mean(), rel=0.05)


def test_the_band_of_a_recording_is_what_is_in_it_whatever_its_rate(converter: Retrieval) -> None:
    vocals, pitch = phrase(16_000, 200.0)
    upsampled = vocals.resample(44_100)
    narrow, wide = converter.learn([(vocals, pitch)]), converter.learn([(upsampled, pitch)])
    assert narrow["bandwidth"].max() == pytest.approx(7520)
    assert wide["bandwidth"].max() < 9000


def test_recordings_without_a_voice_are_refused(converter: Retrieval) -> None:
    nothing = PitchTrack(np.zeros(3), np.zeros(3, bool), np.zeros(3, np.float32), 0.01)
    with pytest.raises(InputError) as refusal:
        converter.learn([(Audio(np.zeros((1, 320), np.float32), 16_000), nothing)])
    assert str(refusal.value) == (
        "recordings: nothing in them is voiced; give recordings of a voice"
    )


def test_damaged_features_are_refused(converter: Retrieval, voice: Any) -> None:
    pitch = track(np.full(800, 200.0), 8000)
    again = "make the voice again from its recordings"
    count = voice.features["follows"].size
    for changed, said in (
        ({"envelope": np.zeros((count, 5), np.float16)},
         f"features['envelope'] is float16 of shape ({count}, 5), "
         f"not float16 of shape ({count}, 128)"),
        ({"aperiodicity": np.zeros((count, 6))},
         f"features['aperiodicity'] is float64 of shape ({count}, 6), "
         f"not uint8 of shape ({count}, 6)"),
        ({"bandwidth": 0 * voice.features["bandwidth"]}, "its features contradict one another"),
        ({"more": np.zeros(2)},
         "its features are aperiodicity, bandwidth, envelope, follows, more, not "
         "aperiodicity, bandwidth, envelope, follows"),
    ):  # fmt: skip
        forged = SimpleNamespace(features={**voice.features, **changed})
        with pytest.raises(InputError) as refusal:
            converter.begin(forged, pitch, 8000, key=0.0)
        assert str(refusal.value) == f"voice: {said}; {again}"
    empty = {name: values[:0] for name, values in voice.features.items()}
    with pytest.raises(InputError) as refusal:
        converter.begin(SimpleNamespace(features=empty), pitch, 8000, key=0.0)
    assert str(refusal.value) == (
        "voice: features['envelope'] is float16 of shape (0, 128), "
        f"not float16 of shape (1, 128); {again}"
    )


def test_a_song_too_short_to_know_its_singer_is_sung_all_the_same(
    voice: Any, render: Render
) -> None:
    vocals, pitch = phrase(16_000, 150.0, seconds=0.2)
    converted = render(voice, vocals, pitch, 12.0)
    assert decibels(converted) == pytest.approx(decibels(vocals.numpy()), abs=4.0)
