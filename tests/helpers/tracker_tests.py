"""Tests that every pitch tracker must pass: accuracy on the truth, rates, hops, lengths, batches.

A folder of tests that has a fixture ``tracker``, the name of a backend, derives a class from
:class:`TrackerTests`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from pitch_errors import assert_same, errors, track

from autovoice_core import Audio, SingingPitchExtractor
from autovoice_core.pitch import extractor
from autovoice_core.synthetic.truth import (
    ALTO,
    SINGERS,
    Sung,
    add_noise,
    add_reverb,
    sing,
    tone,
)

REAL = {"iona": 0.985, "openair_opera": 0.97, "vocadito_1": 0.93, "xserra_female": 0.985}
"""Share of the voiced frames within 50 cents; reached with a point or so to spare."""


@lru_cache
def truth_of(name: str, seconds: float, rate: int, seed: int) -> Sung:
    return sing(SINGERS[name], seconds, rate, seed)


class TrackerTests:
    @pytest.fixture
    def sung(self) -> Sung:
        return truth_of("tenor", 12, 44100, 11)

    @pytest.fixture
    def long_take(self) -> Sung:
        return truth_of("alto", 21, 22050, 9)

    @pytest.mark.parametrize("name", SINGERS)
    def test_light_noise_leaves_it_accurate(self, tracker: str, name: str) -> None:
        truth = truth_of(name, 10, 44100, 21)
        found = errors(truth.pitch, track(add_noise(truth.audio, 30), tracker))
        assert found.accuracy > 0.985
        assert found.octave <= 0.001
        assert found.missed <= 0.002
        if tracker.endswith("/nccf"):
            assert found.median_cents < 1.6
            assert found.false_alarms <= 0.002
        else:
            assert found.median_cents < 4

    def test_heavy_noise_leaves_it_right(self, tracker: str, sung: Sung) -> None:
        found = errors(sung.pitch, track(add_noise(sung.audio, 10), tracker))
        assert found.accuracy > 0.98
        assert found.octave <= 0.005
        assert found.median_cents < 4.5

    def test_a_room_leaves_it_right(self, tracker: str, sung: Sung) -> None:
        found = errors(sung.pitch, track(add_reverb(sung.audio, 0.4, ratio=12), tracker))
        assert found.accuracy > 0.95

    def test_an_octave_up_in_the_sound_is_an_octave_up_in_the_track(self, tracker: str) -> None:
        melody = 220 * 2 ** (np.sin(np.arange(4 * 44100) / 44100 * 2) * 0.8)
        low, high = (track(tone(melody * octave), tracker) for octave in (1, 2))
        both = low.voiced & high.voiced
        assert both.mean() > 0.97
        cents = 1200 * np.log2(high.f0[both] / low.f0[both])
        assert np.abs(cents - 1200).max() < 20

    def test_a_sweep_over_the_whole_range_has_no_octave_error(self, tracker: str) -> None:
        f0 = np.geomspace(50, 1100, 20 * 44100)
        found = track(tone(f0, harmonics=12, tilt=5), tracker)
        at = np.minimum(np.arange(len(found)) * 441, len(f0) - 1)
        inner = slice(10, -10)
        assert found.voiced[inner].mean() > 0.99
        voiced = found.voiced[inner]
        cents = 1200 * np.log2(found.f0[inner][voiced] / f0[at][inner][voiced])
        assert np.abs(cents).max() < 40
        assert np.median(np.abs(cents)) < 4

    @pytest.mark.parametrize("rate", [8000, 16000, 22050, 32000, 48000, 96000, 192000])
    def test_any_sample_rate(self, tracker: str, rate: int) -> None:
        truth = truth_of("tenor", 2.5, rate, 13)
        found = errors(truth.pitch, track(truth.audio, tracker))
        assert found.accuracy > 0.97
        assert found.median_cents < 5

    @pytest.mark.parametrize("hop", [0.001, 0.005, 0.0213, 0.1])
    def test_any_hop(self, tracker: str, hop: float) -> None:
        sung = truth_of("tenor", 5, 44100, 11)
        found = track(sung.audio, tracker, hop)
        truth = sung.track(hop)
        both = found.voiced & truth.voiced
        assert len(found) == len(truth)
        assert np.mean(found.voiced == truth.voiced) > 0.95
        assert np.mean(np.abs(1200 * np.log2(found.f0[both] / truth.f0[both])) < 50) > 0.97

    def test_silence_has_no_pitch(self, tracker: str) -> None:
        assert not track(Audio(np.zeros((1, 44100), np.float32), 44100), tracker).voiced.any()

    def test_a_full_scale_square_wave_has_its_pitch(self, tracker: str) -> None:
        square = np.sign(np.sin(np.arange(22050) * 2 * np.pi * 220 / 22050)).astype(np.float32)
        found = track(Audio(square[None], 22050), tracker)
        assert found.voiced[10:-10].all()
        np.testing.assert_allclose(found.f0[10:-10], 220, rtol=0.005)

    def test_limits_hold(self, tracker: str) -> None:
        audio = tone(np.full(22050, 440.0))
        low = track(audio, tracker, fmin=60.0, fmax=300.0)
        assert low.f0.max() <= 300 * 1.03
        high = track(audio, tracker, fmin=500.0, fmax=1500.0)
        assert high.f0[high.voiced].min(initial=500) >= 500 / 1.03

    def test_the_same_input_gives_the_same_track_from_many_threads(
        self, tracker: str, sung: Sung
    ) -> None:
        before = sung.audio.numpy().copy()
        engine = SingingPitchExtractor(backend=tracker)
        with ThreadPoolExecutor(4) as pool:
            tracks = list(pool.map(engine.extract, [sung.audio] * 4))
        for other in tracks[1:]:
            assert_same(other, tracks[0], cents=0.001)
        np.testing.assert_array_equal(sung.audio.numpy(), before)

    @pytest.mark.parametrize("name", REAL)
    def test_real_voices(self, shared_data: Path, tracker: str, name: str) -> None:
        table = np.loadtxt(shared_data / f"pitch/{name}.f0.csv", delimiter=",", skiprows=1)
        found = track(Audio.load(shared_data / f"pitch/{name}.flac"), tracker, hop=0.005)
        count = min(len(found), len(table))
        truth = table[:count, 1]
        sung = truth > 0
        cents = np.abs(1200 * np.log2(np.maximum(found.f0[:count][sung], 1) / truth[sung]))
        assert np.mean(cents < 50) > REAL[name]

    @pytest.mark.parametrize("window", [2.0, 5.3, 100.0])
    def test_windows_give_what_the_whole_gives(
        self, tracker: str, long_take: Sung, window: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        audio = add_noise(long_take.audio, 12)
        whole = SingingPitchExtractor(backend=tracker).extract(audio)
        monkeypatch.setattr(extractor, "WINDOW_SECONDS", window)
        parts = SingingPitchExtractor(backend=tracker).extract(audio)
        np.testing.assert_array_equal(parts.voiced, whole.voiced)
        np.testing.assert_allclose(parts.f0, whole.f0, rtol=1e-6)
        np.testing.assert_allclose(parts.confidence, whole.confidence, atol=1e-5)

    @pytest.mark.parametrize("frames", [0, 1, 2, 100, 441, 4410])
    def test_a_sound_of_any_shortness_has_a_track(self, tracker: str, frames: int) -> None:
        samples = 0.1 * np.random.default_rng(0).standard_normal((1, frames)).astype(np.float32)
        track = SingingPitchExtractor(backend=tracker).extract(Audio(samples, 44100))
        assert len(track) == 1 + frames // 441
        if frames <= 441:
            assert not track.voiced.any()

    def test_the_track_says_what_made_it(self, sung: Sung, tracker: str) -> None:
        track = SingingPitchExtractor(backend=tracker, hop=Fraction(1, 50)).extract(sung.audio)
        (made,) = track.made_by
        assert (made.operation, made.backend, made.device) == ("pitch", tracker, "cpu")
        assert track.hop == 0.02

    def test_a_batch_gives_what_each_row_gives_alone(self, tracker: str) -> None:
        voices = [
            sing(ALTO, seconds, 16000, seed=seed).audio for seed, seconds in ((1, 1.5), (2, 1))
        ]
        lengths = [voice.frames for voice in voices] + [0]
        samples = np.full((3, max(lengths)), 0.3, np.float32)
        for row, voice in zip(samples, voices, strict=False):
            row[: voice.frames] = voice.numpy()[0]
        engine = SingingPitchExtractor(backend=tracker)
        tracks = engine.extract_batch(samples, 16000, lengths)
        for found, voice in zip(tracks, voices, strict=False):
            alone = engine.extract(voice)
            np.testing.assert_array_equal(found.f0, alone.f0)
            np.testing.assert_array_equal(found.confidence, alone.confidence)
        assert len(tracks[2]) == 1
        assert [len(track) for track in engine.extract_batch(samples[:2], 16000)] == [151, 151]

    @pytest.mark.parametrize("together", [0.5, 4.0, 100.0])
    def test_a_batch_is_handed_over_in_groups(
        self, tracker: str, together: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rows = np.stack([sing(ALTO, 4, 8000, seed=seed).audio.numpy()[0] for seed in (1, 2)])
        at_once = SingingPitchExtractor(backend=tracker).extract_batch(rows, 8000)
        monkeypatch.setattr(extractor, "WINDOW_SECONDS", 1.5)
        monkeypatch.setattr(extractor, "BATCH_SECONDS", together)
        in_groups = SingingPitchExtractor(backend=tracker).extract_batch(rows, 8000)
        for found, other in zip(in_groups, at_once, strict=True):
            np.testing.assert_array_equal(found.voiced, other.voiced)
            np.testing.assert_allclose(found.f0, other.f0, rtol=1e-6)
