from __future__ import annotations

import numpy as np
import pytest

from autovoice_core.voices.mel import HOP, MELS, SAMPLE_RATE, _filters, mel_spectrogram


def tone(frequency: float, samples: int) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(samples) / SAMPLE_RATE).astype(np.float32)


@pytest.mark.parametrize("samples", [1, 159, 160, 1600, 1601])
def test_there_is_a_frame_for_every_hop_and_one_for_the_end(samples: int) -> None:
    spectrogram = mel_spectrogram(tone(440, samples))
    assert spectrogram.shape == (1 + samples // HOP, MELS)
    assert spectrogram.dtype == np.float32


# Slaney's scale: 200/3 Hz a mel up to 1 kHz, then 27 mels for each factor of 6.4.
@pytest.mark.parametrize("mel", range(1, MELS + 1, 3))
def test_a_tone_lands_in_the_band_around_it(mel: int) -> None:
    top = 15 + 27 * np.log(8) / np.log(6.4)
    position = top * mel / (MELS + 1)
    frequency = position * 200 / 3 if position < 15 else 1000 * 6.4 ** ((position - 15) / 27)
    middle = mel_spectrogram(tone(frequency, 3200))[10]
    assert middle.argmax() == mel - 1


def test_the_bands_have_equal_area() -> None:
    hertz_per_bin = SAMPLE_RATE / 400
    # The lowest triangles are hardly wider than a bin, so that their sampled area varies.
    np.testing.assert_allclose(_filters(MELS).sum(axis=1)[15:] * hertz_per_bin, 1.0, rtol=0.05)


def test_power_grows_with_the_square_of_amplitude() -> None:
    sound = np.random.default_rng(1).standard_normal(1600).astype(np.float32)
    np.testing.assert_allclose(mel_spectrogram(3 * sound), 9 * mel_spectrogram(sound), rtol=1e-4)


def test_the_spectrogram_is_that_of_librosa() -> None:
    librosa = pytest.importorskip("librosa", reason="librosa is not installed")
    noise = np.random.default_rng(0).standard_normal(5000).astype(np.float32)
    expected = librosa.feature.melspectrogram(
        y=noise, sr=SAMPLE_RATE, n_fft=400, hop_length=HOP, n_mels=MELS
    )
    np.testing.assert_allclose(mel_spectrogram(noise), expected.T, rtol=1e-4)
