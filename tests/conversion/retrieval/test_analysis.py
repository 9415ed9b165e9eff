from __future__ import annotations

import numpy as np
import pytest
from conversion_truth import VOWELS, Floats, vowel
from scipy.signal import freqz

from autovoice_core.conversion.retrieval.analysis import analyse
from autovoice_core.conversion.retrieval.aperiodicity import BAND_CENTRES
from autovoice_core.conversion.retrieval.envelope import MIN_POWER
from autovoice_core.conversion.retrieval.frames import sample_positions
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES, mel_positions


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
    compared = slice(int(mel_positions(1.5 * f0)) + 1, int(mel_positions(4000.0)))
    found = 10 / np.log(10) * frames.envelope.mean(axis=0)[compared]
    difference = found - formants_db(VOWELS["a"], FREQUENCIES[compared], rate)
    difference -= difference.mean()
    # What lies between two harmonics can only be guessed, the peak of a formant too.
    assert np.sqrt(np.mean(difference**2)) < 2.5
    assert np.median(np.abs(difference)) < 1.5
    assert np.ptp(frames.envelope[:, compared], axis=0).max() < 0.1


def test_power_is_per_hertz_at_any_rate() -> None:
    levels = []
    for rate in (16_000, 48_000):
        noise = np.random.default_rng(0).standard_normal(rate).astype(np.float32)
        noise *= np.sqrt(rate / 2.0) * 1e-2  # a power of 1e-4 per Hz
        centres = np.arange(0, rate, rate // 100)
        unvoiced = np.zeros(centres.size, bool)
        frames = analyse(noise[None], centres, np.full(centres.size, 200.0), unvoiced, rate)
        levels.append(frames.envelope[:, 10 : int(mel_positions(6000.0))].mean())
    assert levels == pytest.approx([np.log(1e-4)] * 2, abs=0.6)
    assert levels[0] == pytest.approx(levels[1], abs=0.1)


def test_silence_lies_on_the_floor() -> None:
    silence = np.zeros((2, 8000), np.float32)
    frames = analyse(silence, np.array([0, 4000]), np.full(2, 200.0), np.ones(2, bool), 16_000)
    np.testing.assert_allclose(frames.envelope, np.log(MIN_POWER), atol=1e-3)
    assert np.isfinite(frames.aperiodicity).all()


def test_channels_count_by_their_power_so_that_opposite_ones_do_not_cancel() -> None:
    sound = vowel(np.full(8000, 200.0), 16_000).astype(np.float32)
    where = np.array([3000, 4000]), np.full(2, 200.0), np.ones(2, bool), 16_000
    mono = analyse(sound[None], *where)
    opposite = analyse(np.stack([sound, -sound]), *where)
    np.testing.assert_allclose(opposite.envelope, mono.envelope, atol=1e-4)


def test_breath_is_distinguished_from_voice() -> None:
    rate = 44_100
    tune = 200.0 * 2 ** (0.05 * np.sin(np.arange(rate) * 30 / rate))
    centres = sample_positions(np.arange(20, 80), rate)
    harmonic = (
        0.5 * (200.0 / BAND_CENTRES[1:4]) ** 2 / 200.0
    )  # power per Hz of pulses without a filter
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
    centres = sample_positions(np.arange(20, 80), rate)
    frames = analyse(sound[None], centres, np.full(60, 201.2), np.ones(60, bool), rate)
    assert frames.aperiodicity[:, 1:3].max() < 0.15
