from __future__ import annotations

import re

import numpy as np
import pytest

from autovoice_core import PitchTrack
from autovoice_core.pitch import svg


def track(f0: np.ndarray) -> PitchTrack:
    f0 = np.asarray(f0, np.float64)
    return PitchTrack(f0, f0 > 0, (f0 > 0).astype(np.float32), 0.01)


def test_a_line_that_jumps_or_pauses_is_two_lines() -> None:
    f0 = np.array([200.0, 201, 0, 200, 400, 400])
    path = svg.pitch_path(track(f0), 600, lowest=100, highest=400)
    assert re.sub(r"[\d. ]", "", path) == "MLMML"
    assert path.startswith("M0.0 500L200.0 4")
    assert path.endswith("L1000.0 0")


def test_a_track_is_drawn_in_the_key_it_is_moved_to() -> None:
    path = svg.pitch_path(track(np.full(9, 100.0)), 600, lowest=100, highest=400, semitones=12)
    assert {point.split()[1] for point in re.split("[ML]", path)[1:]} == {"500"}


def test_the_range_leaves_errors_out() -> None:
    f0 = np.concatenate([np.full(990, 220.0), np.full(10, 1000.0)])
    low, high = svg.f0_range((track(f0), 0.0), (track(f0 / 2), 12.0))
    assert (low, high) == (pytest.approx(220 * 2 ** (-1 / 6)), pytest.approx(220 * 2 ** (1 / 6)))
    assert svg.f0_range((track(np.zeros(9)), 0.0)) == (100, 400)


@pytest.mark.parametrize("octaves", [0.2, 1, 2, 4, 6])
def test_notes_are_named_at_their_heights(octaves: float) -> None:
    marks = svg.note_ticks(110.0, 110.0 * 2**octaves)
    assert 1 <= len(marks) <= 8
    assert {name: height for height, name in marks}.get("A2", 0) == pytest.approx(0)
    assert all(0 <= height <= 1 for height, _ in marks)
