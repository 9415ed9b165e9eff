from __future__ import annotations

import numpy as np
import pytest

from autovoice_core import Audio
from autovoice_core.audio.source import AudioInMemory
from autovoice_core.audio.spectrogram import decibels, spectrogram


def test_a_long_spectrogram_is_the_same_in_windows() -> None:
    noise = np.random.default_rng(4).normal(0, 0.1, (1, 25 * 8000)).astype(np.float32)
    picture = {"columns": 50, "rows": 20, "lowest": 100.0, "highest": 3000.0}
    whole = spectrogram(AudioInMemory(Audio(noise, 8000)), **picture)  # type: ignore[arg-type]
    size = 1 << round(np.log2(0.08 * 8000))
    for column in (0, 20, 49):
        centre = int(np.linspace(0, noise.shape[1] - 1, 50)[column])
        frame = np.pad(noise[0], size // 2)[centre : centre + size] * np.hanning(size)
        level = np.abs(np.fft.rfft(frame))
        bins = np.geomspace(100, 3000, 20) * size / 8000
        np.testing.assert_allclose(
            whole[:, column], np.interp(bins, np.arange(len(level)), level), atol=1e-4
        )


def test_decibels_end_at_their_depth_and_silence_is_at_the_bottom() -> None:
    levels = decibels(np.array([[1.0, 0.1, 0.0]], np.float32), 1.0, 60)
    np.testing.assert_allclose(levels, [[0, -20, -60]], atol=1e-4)
    assert decibels(np.zeros((1, 1), np.float32), 0.0, 60) == pytest.approx(-60)
