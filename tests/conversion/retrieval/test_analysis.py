from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from conversion_truth import VOWELS, Floats, track, vowel
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import freqz

from autovoice_core import PitchTrack
from autovoice_core.conversion.retrieval.analysis import analyse
from autovoice_core.conversion.retrieval.aperiodicity import CENTRES
from autovoice_core.conversion.retrieval.cepstra import cepstra, in_context
from autovoice_core.conversion.retrieval.envelope import FLOOR, frames_at
from autovoice_core.conversion.retrieval.f0 import FALLBACK, Melody, frame_centres, per_sample
from autovoice_core.conversion.retrieval.frames import interpolated, sampled, smoothed
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES, positions
from autovoice_core.conversion.retrieval.thinning import Reservoir


def formants_db(formants: tuple[float, ...], frequencies: Floats, rate: int) -> Floats:
    """The response of a vowel's filter, to pulses that fall by 6 dB an octave."""
    response = 1.0 / frequencies
    tube = range(3900, int(0.45 * rate), 1000) if formants else ()
    for formant, width in [*((f, 80.0) for f in formants), *((f, 300.0) for f in tube)]:
        radius = np.exp(-np.pi * width / rate)
        poles = [1.0, -2 * radius * np.cos(2 * np.pi * formant / rate), radius**2]
        response = response * np.abs(freqz([sum(poles)], poles, frequencies, fs=rate)[1])
    decibels: Floats = 20 * np.log10(response)
    return decibels


@pytest.mark.parametrize("rate", [16_000, 44_100, 96_000])
@pytest.mark.parametrize("f0", [110.0, 220.0])
def test_the_envelope_of_a_vowel_is_that_of_its_formants(rate: int, f0: float) -> None:
    sound = vowel(np.full(rate // 2, f0), rate, VOWELS["a"]).astype(np.float32)
    centres = np.arange(rate // 8, 3 * rate // 8, rate // 100)
    steady = np.full(centres.size, f0), np.ones(centres.size, bool)
    frames = analyse(sound[None], centres, *steady, rate)
    heard = slice(int(positions(1.5 * f0)) + 1, int(positions(4000.0)))
    found = 10 / np.log(10) * frames.envelope.mean(axis=0)[heard]
    difference = found - formants_db(VOWELS["a"], FREQUENCIES[heard], rate)
    difference -= difference.mean()
    # What lies between two harmonics can only be guessed, the peak of a formant too.
    assert np.sqrt(np.mean(difference**2)) < 2.5
    assert np.median(np.abs(difference)) < 1.5
    assert np.ptp(frames.envelope[:, heard], axis=0).max() < 0.1


def test_power_is_told_a_hertz_at_any_rate() -> None:
    levels = []
    for rate in (16_000, 48_000):
        noise = np.random.default_rng(0).standard_normal(rate).astype(np.float32)
        noise *= np.sqrt(rate / 2.0) * 1e-2  # a power of 1e-4 a Hz
        centres = np.arange(0, rate, rate // 100)
        unvoiced = np.zeros(centres.size, bool)
        frames = analyse(noise[None], centres, np.full(centres.size, 200.0), unvoiced, rate)
        levels.append(frames.envelope[:, 10 : int(positions(6000.0))].mean())
    assert levels == pytest.approx([np.log(1e-4)] * 2, abs=0.6)
    assert levels[0] == pytest.approx(levels[1], abs=0.1)


def test_silence_lies_on_the_floor() -> None:
    silence = np.zeros((2, 8000), np.float32)
    frames = analyse(silence, np.array([0, 4000]), np.full(2, 200.0), np.ones(2, bool), 16_000)
    np.testing.assert_allclose(frames.envelope, np.log(FLOOR), atol=1e-3)
    assert np.isfinite(frames.aperiodicity).all()


def test_channels_count_by_their_power_so_that_opposite_ones_do_not_cancel() -> None:
    sound = vowel(np.full(8000, 200.0), 16_000).astype(np.float32)
    where = np.array([3000, 4000]), np.full(2, 200.0), np.ones(2, bool), 16_000
    mono = analyse(sound[None], *where)
    opposite = analyse(np.stack([sound, -sound]), *where)
    np.testing.assert_allclose(opposite.envelope, mono.envelope, atol=1e-4)


def test_breath_is_told_from_voice() -> None:
    rate = 44_100
    tune = 200.0 * 2 ** (0.05 * np.sin(np.arange(rate) * 30 / rate))
    centres = frame_centres(np.arange(20, 80), rate)
    harmonic = 0.5 * (200.0 / CENTRES[1:4]) ** 2 / 200.0  # power a Hz of pulses without a filter
    for breath in (0.0, 0.1, 0.3):
        sound = vowel(tune, rate, (), breath=breath).astype(np.float32)
        frames = analyse(sound[None], centres, tune[centres], np.ones(60, bool), rate)
        noise = breath**2 * 2.0 / rate
        share = frames.aperiodicity.mean(axis=0)
        np.testing.assert_allclose(share[1:4], noise / (noise + harmonic), atol=0.08)
        assert share[0] == 0


def test_a_small_error_of_the_pitch_is_not_breath() -> None:
    rate = 44_100
    sound = vowel(np.full(rate, 200.0), rate, ()).astype(np.float32)
    centres = frame_centres(np.arange(20, 80), rate)
    frames = analyse(sound[None], centres, np.full(60, 201.2), np.ones(60, bool), rate)
    assert frames.aperiodicity[:, 1:3].max() < 0.15


def test_frames_reach_beyond_the_ends_into_silence() -> None:
    frames = frames_at(np.arange(1.0, 5.0)[None], np.array([-2, 3, 9]), 3)
    assert frames.tolist() == [[[0, 0, 1], [4, 0, 0], [0, 0, 0]]]


def test_cepstra_do_not_hear_the_level() -> None:
    envelope = np.random.default_rng(0).standard_normal((3, 128))
    np.testing.assert_allclose(cepstra(envelope + 5.0, 90), cepstra(envelope, 90), atol=1e-9)


def test_context_stays_within_a_run() -> None:
    rows = np.arange(12.0)[:, None]
    follows = np.array([False] + [True] * 5 + [False] + [True] * 5)
    around = in_context(rows, follows)
    np.testing.assert_array_equal(around[:, 1], rows[:, 0])
    assert around[:6, 0].tolist() == [0.0] * 6
    assert around[6:, 2].tolist() == [5.5] * 6


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), max_size=20), st.integers(2, 8))
def test_a_reservoir_keeps_the_same_whatever_the_windows(cuts: list[int], limit: int) -> None:
    def filled(edges: list[int]) -> Reservoir:
        kept = Reservoir(limit, 2, 4)
        for first, last in pairwise(edges):
            numbers = kept.wanted(first, last)
            kept.add(numbers, numbers[:, None] * 1.0)
        return kept

    whole, parts = filled([0, 40]), filled(sorted({0, 40, *cuts}))
    np.testing.assert_array_equal(whole.numbers, parts.numbers)
    np.testing.assert_array_equal(parts.rows, parts.numbers[:, None])
    assert parts.numbers.size <= limit
    ends = np.flatnonzero(~whole.follows())
    assert set(np.diff(ends)) <= {2}  # stretches of 4 frames, every second of which is kept
    np.testing.assert_array_equal(whole.numbers[ends] % 4, 0)


def test_of_a_short_song_a_reservoir_keeps_every_second_frame() -> None:
    kept = Reservoir(8, 2, 4)
    numbers = kept.wanted(0, 16)
    assert numbers.tolist() == [0, 2, 4, 6, 8, 10, 12, 14]
    kept.add(numbers, numbers[:, None])
    assert kept.follows().tolist() == [False] + [True] * 7


def test_f0_goes_on_through_gaps_and_the_phase_is_its_integral() -> None:
    rate = 8000
    tune = 200.0 + 50.0 * np.sin(np.arange(2 * rate) / rate * 3.0)
    voiced = np.ones(tune.size)
    voiced[7000:9000] = 0.0
    melody = Melody(track(tune, rate, voiced), key=12.0)
    f0, sung = melody.at(np.array([0.5, 1.0, 1.5]))
    assert sung.tolist() == [True, False, True]
    assert f0[1] > 100
    times = np.arange(4000) / rate
    turns = np.diff(melody.phase(times)) * rate
    np.testing.assert_allclose(turns, 2 * tune[:3999], rtol=2e-3)
    # Beyond the track the last f0 goes on.
    beyond = melody.phase(np.array([-1.0, 0.0, 2.5, 3.5]))
    assert beyond[1] - beyond[0] == pytest.approx(2 * tune[0], rel=0.01)
    assert beyond[3] - beyond[2] == pytest.approx(2 * tune[-1], rel=0.01)


@pytest.mark.parametrize("frames", [0, 1])
def test_a_track_of_hardly_any_frames_has_a_phase(frames: int) -> None:
    pitch = PitchTrack(np.zeros(frames), np.zeros(frames, bool), np.zeros(frames, np.float32), 0.01)
    melody = Melody(pitch)
    np.testing.assert_allclose(melody.phase(np.array([0.0, 1.0])), [0.0, FALLBACK])
    assert not melody.at(np.array([0.0, 9.0]))[1].any()


def test_frames_do_not_drift_at_any_rate() -> None:
    hour = 3600 * 100
    assert frame_centres(np.array([0, 1, hour]), 44_100).tolist() == [0, 441, 3600 * 44_100]
    assert frame_centres(np.array([1, 100]), 22_050).tolist() == [221, 22_050]


def test_tracks_are_drawn_straight_from_frame_to_frame() -> None:
    track = np.asarray([0.0, 1.0, 0.0])
    np.testing.assert_allclose(per_sample(track, 5, 200), [0.0, 0.5, 1.0, 0.5, 0.0])
    np.testing.assert_allclose(per_sample(track[1:2], 3, 200), [1.0, 1.0, 1.0])


def test_rows_are_read_between_their_points_and_end_flat() -> None:
    table = np.array([[0.0, 10.0, 20.0], [5.0, 5.0, 8.0]])
    assert interpolated(table, np.array([-1.0, 0.5, 9.0])).tolist() == [[0, 5, 20], [5, 5, 8]]
    assert sampled(table, np.array([[1.5], [1.5]])).tolist() == [[15.0], [6.5]]
    assert smoothed(table, (1.0, 2.0, 1.0))[0].tolist() == [1.25, 8.75, 17.0]
