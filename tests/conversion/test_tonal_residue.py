from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from autovoice_core import Audio, PitchTrack
from autovoice_core.audio.reading import as_source
from autovoice_core.audio.source import Block
from autovoice_core.conversion.tonal_residue import (
    ShiftedTonalResidue,
    tonality,
    unvoiced_share,
)

RATE = 22_050
CHORD = (220.0, 277.2, 329.6)


def chord(seconds: float, ratio: float = 1.0) -> NDArray[np.float32]:
    t = np.arange(round(seconds * RATE)) / RATE
    notes = [np.sin(2 * np.pi * ratio * f0 * h * t) / h for f0 in CHORD for h in range(1, 9)]
    return (0.05 * np.sum(notes, axis=0)).astype(np.float32)


def noise(count: int) -> NDArray[np.float32]:
    return (0.1 * np.random.default_rng(0).standard_normal(count)).astype(np.float32)


def voicing(voiced: NDArray[np.bool_]) -> PitchTrack:
    return PitchTrack(np.where(voiced, 220.0, 0.0), voiced, voiced.astype(np.float32), 0.01)


def shifted(samples: NDArray[np.float32], voiced: NDArray[np.bool_], size: int = 5000) -> Block:
    source = ShiftedTonalResidue(as_source(Audio(samples, RATE)), voicing(voiced), 5.0)
    return np.concatenate(list(source.blocks(size)), axis=1)


def power_at(samples: NDArray[np.float32], frequency: float) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    at = round(frequency * len(samples) / RATE)
    return float(spectrum[at - 3 : at + 4].sum())


def test_an_unvoiced_chord_moves_by_the_key_in_each_channel() -> None:
    left = chord(4.0)
    both = np.stack([left, 0.25 * left])
    out = shifted(both, np.zeros(401, bool))
    assert out.shape == both.shape
    for before, after in zip(both[:, RATE:-RATE], out[:, RATE:-RATE], strict=True):
        for f0 in CHORD:
            new = f0 * 2 ** (5 / 12)
            assert power_at(after, new) > 0.2 * power_at(before, f0)
        assert power_at(after, CHORD[0]) < 1e-3 * power_at(before, CHORD[0])
        assert np.sum(after**2) == pytest.approx(np.sum(before**2), rel=0.25)


def test_voiced_sound_and_noise_stay_as_they_are() -> None:
    tone = chord(3.0)
    np.testing.assert_array_equal(shifted(tone[None], np.ones(303, bool))[0], tone)
    hiss = noise(3 * RATE)
    np.testing.assert_array_equal(shifted(hiss[None], np.zeros(301, bool))[0], hiss)


def test_the_old_key_ends_where_the_pitch_does() -> None:
    tone, voiced = chord(4.0), np.zeros(401, bool)
    voiced[:200] = True
    out = shifted(tone[None], voiced)[0]
    edge = 2 * RATE
    np.testing.assert_array_equal(out[: edge - RATE // 20], tone[: edge - RATE // 20])
    after = out[edge + RATE // 20 : edge + RATE]
    assert power_at(after, CHORD[0]) < 1e-2 * power_at(tone[: len(after)], CHORD[0])
    loudness = np.sqrt(np.convolve(out**2, np.ones(RATE // 20) / (RATE // 20), "valid"))
    steady = loudness[RATE // 2 : -RATE // 2]
    assert steady.min() > 0.5 * np.median(steady)
    assert steady.max() < 1.6 * np.median(steady)


def test_a_consonant_s_onset_stays_sharp() -> None:
    samples = np.zeros(2 * RATE, np.float32)
    samples[RATE : RATE + RATE // 10] = noise(RATE // 10)
    out = shifted(samples[None], np.zeros(201, bool))[0]
    before = slice(RATE - RATE // 200, RATE)
    assert np.sum(out[before] ** 2) <= 1e-3 * np.sum(out[RATE : RATE + RATE // 200] ** 2)


def test_a_chord_s_onset_stays_sharp_and_within_the_band_of_its_source() -> None:
    samples = np.concatenate([np.zeros(RATE, np.float32), chord(1.0)])
    out = shifted(samples[None], np.zeros(201, bool))[0]
    early = slice(RATE - RATE // 20, RATE - RATE // 50)
    assert np.sum(out[early] ** 2) < 1e-3 * np.sum(out[RATE : RATE + RATE // 33] ** 2)
    power = np.abs(np.fft.rfft(out)) ** 2
    assert power[8000:].sum() < 1e-3 * power.sum()  # 4 kHz; the chord ends at 2.6


@pytest.mark.parametrize("size", [64, 1000, 1 << 20])
def test_blocks_of_any_size_hold_the_same(size: int) -> None:
    tone, voiced = chord(12.0), np.arange(1201) % 100 < 50
    np.testing.assert_array_equal(shifted(tone[None], voiced, size), shifted(tone[None], voiced))


@pytest.mark.parametrize("frames", [0, 1, 100])
def test_hardly_any_sound_keeps_its_length(frames: int) -> None:
    nothing = as_source(Audio(np.zeros((2, frames), np.float32), RATE))
    source = ShiftedTonalResidue(nothing, voicing(np.zeros(1, bool)), 5.0)
    assert sum(block.shape[1] for block in source.blocks(64)) == frames


def test_noise_of_any_tilt_is_not_tonal_and_a_chord_is() -> None:
    centres = np.arange(20, 180) * RATE // 100
    white = noise(2 * RATE)
    spectrum = np.fft.rfft(white)
    pink = np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 1.0)).astype(np.float32)
    assert tonality(white, centres, RATE).max() == 0
    assert tonality(pink, centres, RATE).mean() < 0.1
    assert tonality(chord(2.0), centres, RATE).min() == 1
    assert tonality(np.zeros(2 * RATE, np.float32), centres, RATE).max() == 0


def test_frames_outside_the_pitch_track_are_unvoiced() -> None:
    share = unvoiced_share(voicing(np.ones(10, bool)), np.arange(20))
    np.testing.assert_allclose(share[[0, 1, 5, 8, 9, 10, 15]], [0, 0, 0, 0, 0.25, 0.75, 1])


def test_eight_channels_are_shifted_those_in_antiphase_too() -> None:
    one = chord(2.0)
    signs = np.array([1, -1, 1, -1, 1, -1, 1, -1], np.float32)[:, None]
    out = shifted(signs * one, np.zeros(201, bool))
    assert out.shape == (8, one.size)
    for channel in out[:, RATE // 2 : -RATE // 2]:
        assert power_at(channel, CHORD[0]) < 1e-2 * power_at(one, CHORD[0])
