from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest

from autovoice_core import Audio, PitchTrack
from autovoice_core.audio.source import AudioInMemory
from autovoice_core.report import charts

RATE = 16_000


def track(f0: np.ndarray) -> PitchTrack:
    f0 = np.asarray(f0, np.float64)
    return PitchTrack(f0, f0 > 0, (f0 > 0).astype(np.float32), 0.01)


def test_a_line_that_jumps_or_pauses_is_two_lines() -> None:
    f0 = np.array([200.0, 201, 0, 200, 400, 400])
    path = charts.pitch_path(track(f0), 600, lowest=100, highest=400)
    assert re.sub(r"[\d. ]", "", path) == "MLMML"
    assert path.startswith("M0.0 500L200.0 4")
    assert path.endswith("L1000.0 0")


def test_a_track_is_drawn_in_the_key_it_is_moved_to() -> None:
    path = charts.pitch_path(track(np.full(9, 100.0)), 600, lowest=100, highest=400, semitones=12)
    assert {point.split()[1] for point in re.split("[ML]", path)[1:]} == {"500"}


def test_the_range_leaves_errors_out() -> None:
    f0 = np.concatenate([np.full(990, 220.0), np.full(10, 1000.0)])
    low, high = charts.f0_range((track(f0), 0.0), (track(f0 / 2), 12.0))
    assert (low, high) == (pytest.approx(220 * 2 ** (-1 / 6)), pytest.approx(220 * 2 ** (1 / 6)))
    assert charts.f0_range((track(np.zeros(9)), 0.0)) == (100, 400)


@pytest.mark.parametrize("octaves", [0.2, 1, 2, 4, 6])
def test_notes_are_named_at_their_heights(octaves: float) -> None:
    marks = charts.note_ticks(110.0, 110.0 * 2**octaves)
    assert 1 <= len(marks) <= 8
    assert {name: height for height, name in marks}.get("A2", 0) == pytest.approx(0)
    assert all(0 <= height <= 1 for height, _ in marks)


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
