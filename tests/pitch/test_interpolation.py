from __future__ import annotations

import numpy as np
import pytest

from autovoice_core.pitch.interpolation import interpolate


def test_f0_between_frames_of_one_note_is_interpolated() -> None:
    frames = interpolate(
        np.array([200.0, 210.0]), np.array([0.9, 0.7]), np.array([0.0, 0.5, 1.0]), 0.5
    )
    np.testing.assert_allclose(frames.f0, [200, np.sqrt(200 * 210), 210])
    np.testing.assert_allclose(frames.confidence, [0.9, 0.8, 0.7], rtol=1e-6)


def test_nothing_lies_between_two_octaves() -> None:
    frames = interpolate(np.array([200.0, 400.0]), np.ones(2), np.array([0.2, 0.4, 0.6, 0.8]), 0.5)
    np.testing.assert_array_equal(frames.f0, [200, 200, 400, 400])


@pytest.mark.parametrize("voiced_first", [True, False])
def test_a_voiced_frame_does_not_mix_with_an_unvoiced_one(voiced_first: bool) -> None:
    f0, confidence = np.array([220.0, 60.0]), np.array([0.9, 0.1])
    at = np.array([0.0, 0.2, 0.45, 0.55, 0.9, 1.0])
    if not voiced_first:
        f0, confidence, at = f0[::-1], confidence[::-1], 1 - at
    frames = interpolate(f0, confidence, at, 0.5)
    np.testing.assert_array_equal(frames.f0, [220, 220, 220, 0, 0, 0])
    np.testing.assert_array_equal(frames.voiced, np.asarray(frames.f0) > 0)


def test_a_threshold_decides_between_frames() -> None:
    f0, confidence, at = np.array([200.0, 210.0]), np.array([0.3, 0.3]), np.array([0.5])
    assert interpolate(f0, confidence, at, 0.2).voiced
    assert not interpolate(f0, confidence, at, 0.5).voiced
