from __future__ import annotations

import base64
import io

import numpy as np
import pytest

from autovoice_core import Audio
from autovoice_core.audio.source import AudioInMemory
from autovoice_core.report import charts

RATE = 16_000


def test_a_chart_has_columns_by_its_length_within_limits() -> None:
    assert [charts.columns_of(s) for s in (1, 30, 1000)] == [600, 1200, 6000]


def test_the_spectrogram_is_an_image_with_the_tone_at_its_height() -> None:
    image = pytest.importorskip("matplotlib.image")
    time = np.arange(RATE) / RATE
    tone = Audio((0.5 * np.sin(2 * np.pi * 748 * time)).astype(np.float32)[None], RATE)
    address = charts.spectrogram_image(AudioInMemory(tone), 700)
    pixels = image.imread(io.BytesIO(base64.b64decode(address.split(",")[1])), format="png")
    assert pixels.shape[:2] == (charts.ROWS, 700)
    brightest = np.argmax(pixels[..., :3].sum(axis=2)[:, 350])
    # 748 Hz is half way from 70 to 8000 Hz.
    assert brightest == pytest.approx(charts.ROWS / 2, abs=1)
