from __future__ import annotations

import numpy as np
import pytest

from autovoice_core import Audio
from autovoice_core.audio.loudness import loudness
from autovoice_core.audio.source import AudioInMemory
from autovoice_core.audio.true_peak import MAX_TRUE_PEAK_DB, true_peak
from autovoice_core.speech.levels import VOICE_LUFS, levelled, over_accompaniment
from autovoice_core.testing.truth import tone

CEILING = 10 ** (MAX_TRUE_PEAK_DB / 20)


@pytest.mark.parametrize("gain", [0.01, 0.9])
def test_quiet_and_loud_sentences_get_one_loudness(gain: float) -> None:
    quiet = tone(np.full(16_000, 300.0), 16_000)
    scaled = Audio(quiet.numpy() * np.float32(gain), 16_000)
    assert loudness(levelled(scaled)) == pytest.approx(VOICE_LUFS, abs=0.1)


def test_a_click_keeps_its_peak_in_range_and_silence_stays() -> None:
    samples = np.zeros((1, 16_000), np.float32)
    assert levelled(Audio(samples, 16_000)) == Audio(samples, 16_000)
    click = samples.copy()
    click[0, 8_000] = 0.5
    assert true_peak(levelled(Audio(click, 16_000)).numpy()) == pytest.approx(CEILING, rel=1e-4)


def test_a_mix_has_the_form_of_the_accompaniment_and_the_longer_length() -> None:
    voice = tone(np.full(32_000, 300.0), 16_000)
    backing = Audio(np.full((2, 22_050), 0.01, np.float32), 22_050)
    mix = over_accompaniment(voice, AudioInMemory(backing))
    assert (mix.channels, mix.sample_rate, mix.frames) == (2, 22_050, 44_100)


def test_a_mix_has_a_true_peak_of_minus_1_db_at_most() -> None:
    voice = tone(np.full(16_000, 300.0), 16_000)
    loud = Audio(np.sign(voice.numpy()), 16_000)
    mix = over_accompaniment(voice, AudioInMemory(loud))
    assert true_peak(mix.numpy()) == pytest.approx(CEILING, rel=1e-4)


@pytest.mark.parametrize(("key", "moved"), [(-3.0, -3.0), (12.0, 0.0)])
def test_an_accompaniment_follows_the_key_but_for_octaves(key: float, moved: float) -> None:
    backing = tone(np.full(32_000, 440.0), 16_000)
    silence = Audio(np.zeros((1, 16_000), np.float32), 16_000)
    mix = over_accompaniment(silence, AudioInMemory(backing), key=key)
    spectrum = np.abs(np.fft.rfft(mix.numpy()[0] * np.hanning(mix.frames)))
    loudest = np.argmax(spectrum) * 16_000 / mix.frames
    assert 12 * np.log2(loudest / 440) == pytest.approx(moved, abs=0.1)
