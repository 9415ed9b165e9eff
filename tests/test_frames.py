from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core import InputError
from autovoice_core._frames import exact_hop, frame_centres


def test_a_decimal_hop_is_taken_as_it_was_meant() -> None:
    assert exact_hop(0.01) == Fraction(1, 100)
    assert exact_hop(256 / 44100) == Fraction(256, 44100)
    assert exact_hop(Fraction(1, 3)) == Fraction(1, 3)


def test_ten_hours_do_not_drift() -> None:
    centres = frame_centres(36_000 * 44_100, 44_100, 0.01)
    assert len(centres) == 3_600_001
    np.testing.assert_array_equal(centres, 441 * np.arange(len(centres)))


def test_a_hop_between_samples_rounds_a_half_up() -> None:
    assert frame_centres(1000, 11_025, 0.01)[:4].tolist() == [0, 110, 221, 331]


@given(
    frames=st.integers(0, 10**7),
    rate=st.integers(8_000, 192_000),
    hop=st.floats(0.001, 10),
)
def test_frames_fill_the_sound_and_no_more(frames: int, rate: int, hop: float) -> None:
    centres = frame_centres(frames, rate, hop)
    step = exact_hop(hop) * rate
    assert len(centres) == 1 + frames // step
    assert centres[0] == 0
    assert 0 <= frames - centres[-1] <= step
    assert np.all(np.abs(centres - np.arange(len(centres)) * float(step)) <= 0.5001)


@pytest.mark.parametrize("hop", [0.0, -1.0, float("inf"), float("nan")])
def test_a_hop_that_is_no_time_is_refused(hop: float) -> None:
    with pytest.raises(InputError) as refusal:
        exact_hop(hop)
    assert str(refusal.value) == (
        f"hop: {hop} s is not a positive number of seconds; 0.01 is usual"
    )


def test_a_hop_beyond_the_longest_is_refused() -> None:
    assert exact_hop(1.0, longest=1.0) == 1
    with pytest.raises(InputError) as refusal:
        exact_hop(5, longest=1.0)
    assert str(refusal.value) == "hop: 5.0 s is more than 1 s; 0.01 is usual"


@pytest.mark.parametrize("hop", [1e-5, 1e-9])
def test_a_hop_shorter_than_a_sample_is_refused(hop: float) -> None:
    with pytest.raises(InputError) as refusal:
        frame_centres(100, 8000, hop)
    assert str(refusal.value) == (
        f"hop: {hop} s is shorter than a sample at 8000 Hz; use at least 0.00013 s"
    )
