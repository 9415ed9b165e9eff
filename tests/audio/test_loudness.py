from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core import Audio
from autovoice_core.audio.loudness import LoudnessMeter, loudness, loudness_gain, metered
from autovoice_core.testing.fake_device import NAME, FakeDevice


def sine(rate: int, seconds: float = 5.0, frequency: float = 997.0) -> np.ndarray:
    t = np.arange(round(rate * seconds)) / rate
    return np.sin(2 * np.pi * frequency * t).astype(np.float32)[np.newaxis]


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100, 48_000, 96_000, 192_000])
def test_a_full_scale_tone_of_997_hz_reads_what_the_standard_says(rate: int) -> None:
    # The bilinear transform bends the frequency scale of low rates.
    tolerance = 0.02 if rate >= 44_100 else 0.25
    assert loudness(Audio(sine(rate), rate)) == pytest.approx(-3.01, abs=tolerance)


def test_real_music_reads_as_pyloudnorm_reads_it(shared_data: Path) -> None:
    audio = Audio.load(shared_data / "songs" / "rubidium" / "mixture.flac")
    expected = pyloudnorm.Meter(audio.sample_rate).integrated_loudness(audio.numpy().T)
    assert loudness(audio) == pytest.approx(expected, abs=0.05)


@settings(deadline=None, max_examples=20)
@given(cuts=st.lists(st.integers(1, 20_000), min_size=1, max_size=12))
def test_blocks_of_any_size_read_the_same(cuts: list[int]) -> None:
    rng = np.random.default_rng(0)
    samples = rng.standard_normal((2, 60_000)).astype(np.float32) * np.float32(0.1)
    meter, start = LoudnessMeter(16_000, 2), 0
    for cut in [*cuts, 60_000]:
        meter.feed(samples[:, start : start + cut])
        start += cut
    assert meter.integrated() == pytest.approx(loudness(Audio(samples, 16_000)), abs=1e-6)


def test_sound_on_a_device_is_measured_there() -> None:
    library = FakeDevice()
    samples = 0.1 * np.random.default_rng(0).standard_normal((2, 300_000)).astype(np.float32)
    there = Audio(library.asarray(samples, device=NAME), 44_100)
    assert loudness(there) == pytest.approx(loudness(Audio(samples, 44_100)), abs=1e-9)
    assert max(shape[-1] for shape in library.fetched) < 100


def test_silence_has_no_loudness() -> None:
    assert loudness(Audio(np.zeros((1, 48_000), np.float32), 48_000)) == -math.inf
    assert LoudnessMeter(48_000, 1).integrated() == -math.inf


def test_audio_shorter_than_a_gating_block_is_taken_as_one() -> None:
    assert loudness(Audio(sine(48_000, 0.2), 48_000)) == pytest.approx(-3.01, abs=0.1)


def test_quiet_stretches_are_gated_out() -> None:
    loud = sine(48_000)
    with_pause = np.concatenate([loud, loud * np.float32(1e-3)], axis=1)
    assert loudness(Audio(with_pause, 48_000)) == pytest.approx(
        loudness(Audio(loud, 48_000)), abs=0.2
    )


def test_the_low_frequency_channel_of_six_does_not_count_and_surrounds_count_more() -> None:
    quiet = np.zeros((6, 5 * 48_000), np.float32)
    front, bass, surround = quiet.copy(), quiet.copy(), quiet.copy()
    front[0], bass[3], surround[4] = sine(48_000), sine(48_000), sine(48_000)
    assert loudness(Audio(bass, 48_000)) == -math.inf
    gain = loudness(Audio(surround, 48_000)) - loudness(Audio(front, 48_000))
    assert gain == pytest.approx(10 * math.log10(1.41), abs=0.01)


def test_without_gates_pauses_count() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(48_000) / 48_000)
    half = Audio(np.float32(np.concatenate([tone, np.zeros(48_000)]))[None], 48_000)
    assert metered(half).ungated() == pytest.approx(-6.02, abs=0.05)
    assert loudness(half) > -5
    assert metered(Audio(np.zeros((1, 480), np.float32), 48_000)).ungated() == -np.inf


def test_the_gain_brings_one_loudness_to_the_other() -> None:
    assert loudness_gain(-14.0, -20.0) == pytest.approx(10 ** (6 / 20))
    assert loudness_gain(-20.0, -14.0) == pytest.approx(10 ** (-6 / 20))


def test_the_gain_is_limited_to_24_db() -> None:
    assert loudness_gain(-10.0, -60.0) == pytest.approx(10 ** (24 / 20))


@pytest.mark.parametrize(("reference", "measured"), [(-math.inf, -14.0), (-14.0, -math.inf)])
def test_silence_is_not_amplified(reference: float, measured: float) -> None:
    assert loudness_gain(reference, measured) == 1
