from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core import InputError, PitchTrack
from autovoice_core.metrics.pitch import PitchAgreement, compare_pitch


def track(f0: np.ndarray, hop: float = 0.01) -> PitchTrack:
    f0 = np.asarray(f0, np.float64)
    return PitchTrack(f0, f0 > 0, (f0 > 0).astype(np.float32), hop)


def compare(reference: np.ndarray, estimate: np.ndarray) -> PitchAgreement:
    return compare_pitch(track(reference), track(estimate))


MELODY = 220 * 2 ** (np.round(4 * np.sin(np.arange(1000) / 40)) / 12)


@given(key=st.floats(-24, 24), seed=st.integers(0, 999))
def test_the_key_is_taken_out(key: float, seed: int) -> None:
    blur = np.random.default_rng(seed).normal(0, 5, len(MELODY))
    found = compare(MELODY, MELODY * 2 ** (key / 12 + blur / 1200))
    assert found.key == pytest.approx(key, abs=0.01)
    assert found.f0_error == pytest.approx(5 * 0.6745, abs=0.6)
    assert found.gross_errors == found.octave_errors == 0


def test_octave_errors_do_not_move_the_key() -> None:
    estimate = MELODY * 2 ** (3 / 12)
    estimate[:300] *= 2
    estimate[300:400] /= 2
    estimate[400:450] *= 2 ** (1 / 12)
    found = compare(MELODY, estimate)
    assert found.key == pytest.approx(3)
    assert found.f0_error == pytest.approx(0, abs=1e-6)
    assert found.gross_errors == pytest.approx(45)
    assert found.octave_errors == pytest.approx(40)


def test_voicing_is_counted_both_ways() -> None:
    reference, estimate = np.zeros(100), np.zeros(100)
    reference[:80], estimate[20:90] = 200, 200
    found = compare(reference, estimate)
    assert found.voicing_recall == pytest.approx(100 * 60 / 80)
    assert found.voicing_precision == pytest.approx(100 * 60 / 70)


def test_tracks_that_never_meet_have_no_error() -> None:
    reference, estimate = np.zeros(100), np.zeros(100)
    reference[:50], estimate[50:] = 200, 200
    found = compare(reference, estimate)
    assert (found.key, found.f0_error, found.gross_errors, found.octave_errors) == (None,) * 4
    assert found.voicing_recall == found.voicing_precision == 0


def test_tracks_at_other_times_are_refused() -> None:
    with pytest.raises(InputError) as refusal:
        compare_pitch(track(np.zeros(201)), track(np.zeros(401), 0.005))
    assert str(refusal.value) == (
        "estimate_pitch: its 401 frames every 0.005 s from 0 s are not at the times of the "
        "reference's 201 every 0.01 s from 0 s; extract both with one hop"
    )
