from __future__ import annotations

import numpy as np
import pytest

from autovoice_core import Audio, InputError
from autovoice_core.audio.loudness import loudness
from autovoice_core.speech.levels import MAX_PEAK, VOICE_LUFS, levelled, over_accompaniment
from autovoice_core.testing.truth import tone


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
    assert np.abs(levelled(Audio(click, 16_000)).numpy()).max() == pytest.approx(MAX_PEAK)


def test_a_mix_has_the_form_of_the_accompaniment_and_the_longer_length() -> None:
    voice = tone(np.full(32_000, 300.0), 16_000)
    backing = Audio(np.full((2, 22_050), 0.01, np.float32), 22_050)
    mix = over_accompaniment(voice, backing)
    assert (mix.channels, mix.sample_rate, mix.frames) == (2, 22_050, 44_100)


def test_a_mix_stays_in_range() -> None:
    voice = tone(np.full(16_000, 300.0), 16_000)
    loud = Audio(np.sign(voice.numpy()), 16_000)
    assert np.abs(over_accompaniment(voice, loud).numpy()).max() <= MAX_PEAK + 1e-6


def test_an_accompaniment_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match=r"^accompaniment: "):
        over_accompaniment(tone(np.full(16_000, 300.0), 16_000), 3)  # type: ignore[arg-type]
