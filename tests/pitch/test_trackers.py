"""What both trackers must do: accuracy on the truth, and what may not change a track."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import attrs
import numpy as np
import pytest
from pitch_errors import errors, track

from autovoice_core import Audio, PitchTrack
from autovoice_core.testing.truth import SINGERS, TENOR, Sung, add_noise, add_reverb, sing, tone


@lru_cache
def truth_of(name: str, seconds: float, rate: int, seed: int) -> Sung:
    return sing(SINGERS[name], seconds, rate, seed)


@pytest.fixture(scope="module")
def sung() -> Sung:
    return sing(TENOR, 12, seed=11)


@pytest.mark.parametrize("name", SINGERS)
def test_light_noise_leaves_it_accurate(tracker: str, name: str) -> None:
    truth = truth_of(name, 10, 44100, 21)
    found = errors(truth.pitch, track(add_noise(truth.audio, 30), tracker))
    assert found.accuracy > 0.985
    assert found.octave <= 0.001
    assert found.missed <= 0.002
    if tracker == "cpu/nccf":
        assert found.median_cents < 1.6
        assert found.false_alarms <= 0.002
    else:
        assert found.median_cents < 4


def test_heavy_noise_leaves_it_right(tracker: str, sung: Sung) -> None:
    found = errors(sung.pitch, track(add_noise(sung.audio, 10), tracker))
    assert found.accuracy > 0.98
    assert found.octave <= 0.005
    assert found.median_cents < 4.5


def test_a_room_leaves_it_right(tracker: str, sung: Sung) -> None:
    found = errors(sung.pitch, track(add_reverb(sung.audio, 0.4, ratio=12), tracker))
    assert found.accuracy > 0.95


def test_gain_changes_nothing_that_matters(sung: Sung) -> None:
    loud = track(sung.audio, "cpu/nccf")
    for decibels in (-60, -37.3, -6.02, 6):
        quiet = attrs.evolve(
            sung.audio,
            samples=(sung.audio.numpy() * np.float32(10 ** (decibels / 20))),
        )
        found = track(quiet, "cpu/nccf")
        assert np.mean(found.voiced == loud.voiced) > 0.985  # what ends below -100 dB is cut there
        both = found.voiced & loud.voiced
        cents = np.abs(1200 * np.log2(found.f0[both] / loud.f0[both]))
        assert np.percentile(cents, 99) < 1


def test_polarity_changes_nothing(sung: Sung) -> None:
    turned = attrs.evolve(sung.audio, samples=-sung.audio.numpy())
    _same(track(turned, "cpu/nccf"), track(sung.audio, "cpu/nccf"), cents=0.5)


def test_a_constant_offset_changes_nothing(sung: Sung) -> None:
    shifted = attrs.evolve(sung.audio, samples=sung.audio.numpy() + np.float32(0.2))
    found, clean = track(shifted, "cpu/nccf"), track(sung.audio, "cpu/nccf")
    # The ends of the file are steps now.
    middle = slice(5, -5)
    assert np.mean(found.voiced[middle] == clean.voiced[middle]) > 0.995
    both = (found.voiced & clean.voiced)[middle]
    cents = 1200 * np.log2(found.f0[middle][both] / clean.f0[middle][both])
    assert np.abs(cents).max() < 5


def test_a_shift_by_whole_hops_shifts_the_track(sung: Sung) -> None:
    clean = track(sung.audio, "cpu/nccf")
    for hops in (512, 37):
        silence = np.zeros((1, hops * 441), np.float32)
        later = Audio(np.concatenate([silence, sung.audio.numpy()], axis=1), 44100)
        found = track(later, "cpu/nccf")
        f0, both = found.f0[hops:], found.voiced[hops:] & clean.voiced
        if hops == 512:  # 512 hops are a multiple of the tracker's grid, so nothing differs
            np.testing.assert_array_equal(f0, clean.f0)
        assert np.mean(found.voiced[hops:] == clean.voiced) > 0.995
        cents = np.abs(1200 * np.log2(f0[both] / clean.f0[both]))
        assert cents.max() < 6
        assert np.percentile(cents, 99) < 1


def test_an_octave_up_in_the_sound_is_an_octave_up_in_the_track(tracker: str) -> None:
    melody = 220 * 2 ** (np.sin(np.arange(4 * 44100) / 44100 * 2) * 0.8)
    low, high = (track(tone(melody * octave), tracker) for octave in (1, 2))
    both = low.voiced & high.voiced
    assert both.mean() > 0.97
    cents = 1200 * np.log2(high.f0[both] / low.f0[both])
    assert np.abs(cents - 1200).max() < 20


def test_a_sweep_over_the_whole_range_has_no_octave_error(tracker: str) -> None:
    f0 = np.geomspace(50, 1100, 20 * 44100)
    found = track(tone(f0, harmonics=12, tilt=5), tracker)
    at = np.minimum(np.arange(len(found)) * 441, len(f0) - 1)
    inner = slice(10, -10)
    assert found.voiced[inner].mean() > 0.99
    voiced = found.voiced[inner]
    cents = 1200 * np.log2(found.f0[inner][voiced] / f0[at][inner][voiced])
    assert np.abs(cents).max() < 40
    assert np.median(np.abs(cents)) < 4


def test_a_glide_is_read_at_its_time() -> None:
    rate = 2.0  # octaves a second
    for direction in (1, -1):
        f0 = 300 * 2 ** (direction * rate * (np.arange(44100) / 44100 - 0.5))
        found = track(tone(f0), "cpu/nccf")
        at = np.arange(15, 86)
        octaves = np.log2(found.f0[at] / f0[at * 441])
        delay = -direction * np.median(octaves) / rate
        assert abs(delay) < 0.0005


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 32000, 48000, 96000, 192000])
def test_any_sample_rate(tracker: str, rate: int) -> None:
    truth = truth_of("tenor", 2.5, rate, 13)
    found = errors(truth.pitch, track(truth.audio, tracker))
    assert found.accuracy > 0.97
    assert found.median_cents < 5


@pytest.mark.parametrize("hop", [0.001, 0.005, 0.0213, 0.1])
def test_any_hop(tracker: str, sung: Sung, hop: float) -> None:
    found = track(sung.audio, tracker, hop)
    truth = sung.track(hop)
    both = found.voiced & truth.voiced
    assert len(found) == len(truth)
    assert np.mean(found.voiced == truth.voiced) > 0.95
    assert np.mean(np.abs(1200 * np.log2(found.f0[both] / truth.f0[both])) < 50) > 0.97


def test_noise_silence_and_offset_have_no_pitch() -> None:
    rng = np.random.default_rng(4)
    for samples in (
        0.1 * rng.standard_normal(44100),
        np.zeros(44100),
        np.full(44100, 0.5),
        np.eye(1, 44100, 20000)[0],
    ):
        found = track(Audio(samples.astype(np.float32)[None], 44100), "cpu/nccf")
        assert not found.voiced.any()
        assert not found.f0.any()


def test_silence_has_no_pitch(tracker: str) -> None:
    assert not track(Audio(np.zeros((1, 44100), np.float32), 44100), tracker).voiced.any()


def test_a_full_scale_square_wave_has_its_pitch(tracker: str) -> None:
    square = np.sign(np.sin(np.arange(22050) * 2 * np.pi * 220 / 22050)).astype(np.float32)
    found = track(Audio(square[None], 22050), tracker)
    assert found.voiced[10:-10].all()
    np.testing.assert_allclose(found.f0[10:-10], 220, rtol=0.005)


def test_limits_hold(tracker: str) -> None:
    audio = tone(np.full(22050, 440.0))
    low = track(audio, tracker, fmin=60.0, fmax=300.0)
    assert low.f0.max() <= 300 * 1.03
    high = track(audio, tracker, fmin=500.0, fmax=1500.0)
    assert high.f0[high.voiced].min(initial=500) >= 500 / 1.03


def test_quiet_voices_count_by_what_is_near(sung: Sung) -> None:
    # 45 dB down, in a song of its own, 3 s after a loud one: the gate looks 1 s far.
    quiet = sung.audio.numpy() * np.float32(0.003)
    joined = np.concatenate([sung.audio.numpy(), np.zeros((1, 3 * 44100), np.float32), quiet], 1)
    found = track(Audio(joined, 44100), "cpu/nccf")
    again = found.voiced[-len(sung.pitch) :]
    assert np.mean(again == sung.pitch.voiced) > 0.97


def test_the_same_input_gives_the_same_track_from_many_threads(tracker: str, sung: Sung) -> None:
    from autovoice_core import SingingPitchExtractor

    before = sung.audio.numpy().copy()
    extractor = SingingPitchExtractor(backend=tracker)
    with ThreadPoolExecutor(4) as pool:
        tracks = list(pool.map(extractor.extract, [sung.audio] * 4))
    for other in tracks[1:]:
        _same(other, tracks[0], cents=0.001)
    np.testing.assert_array_equal(sung.audio.numpy(), before)


REAL = {"iona": 0.985, "openair_opera": 0.97, "vocadito_1": 0.93, "xserra_female": 0.985}
"""Share of the voiced frames within 50 cents; reached with a point or so to spare."""


@pytest.mark.parametrize("name", REAL)
def test_real_voices(shared_data: Path, tracker: str, name: str) -> None:
    table = np.loadtxt(shared_data / f"pitch/{name}.f0.csv", delimiter=",", skiprows=1)
    found = track(Audio.load(shared_data / f"pitch/{name}.flac"), tracker, hop=0.005)
    count = min(len(found), len(table))
    truth = table[:count, 1]
    sung = truth > 0
    cents = np.abs(1200 * np.log2(np.maximum(found.f0[:count][sung], 1) / truth[sung]))
    assert np.mean(cents < 50) > REAL[name]


def _same(found: PitchTrack, other: PitchTrack, *, cents: float) -> None:
    np.testing.assert_array_equal(found.voiced, other.voiced)
    at = found.voiced
    assert np.abs(1200 * np.log2(found.f0[at] / other.f0[at])).max(initial=0) <= cents
