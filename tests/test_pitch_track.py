from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from autovoice_core import InputError, PitchTrack


def track(f0: Any, hop: Any = 0.01, **options: Any) -> PitchTrack:
    f0 = np.asarray(f0, float)
    return PitchTrack(f0, f0 > 0, (f0 > 0).astype(np.float32), hop, **options)


def refusal(*arguments: Any) -> str:
    with pytest.raises(InputError) as caught:
        PitchTrack(*arguments)
    return str(caught.value)


def test_a_track_tells_the_time_of_its_frames() -> None:
    np.testing.assert_allclose(track(np.zeros(3), start=1.0).times, [1.0, 1.01, 1.02])


def test_a_track_of_uneven_arrays_is_refused() -> None:
    assert refusal(np.zeros(3), np.zeros(2, bool), np.zeros(3, np.float32), 0.01) == (
        "f0, voiced and confidence differ in shape: (3,), (2,), (3,); "
        "give one value per frame of each"
    )


@pytest.mark.parametrize(
    ("hop", "message"),
    [
        (0.0, "hop: 0.0 s is not a positive number of seconds"),
        (None, "hop: None is not a finite number of seconds; give for example 0.01"),
        ("short", "hop: 'short' is not a finite number of seconds; give for example 0.01"),
    ],
)
def test_a_track_without_a_hop_is_refused(hop: Any, message: str) -> None:
    assert refusal(np.zeros(0), np.zeros(0, bool), np.zeros(0, np.float32), hop) == message


def test_what_librosa_returns_is_a_track() -> None:
    f0 = np.array([np.nan, 220.0, 221.0])
    made = PitchTrack(f0, [0, 1, 1], np.array([0.1, 0.9, 0.9]), hop=512 / np.float64(44_100))
    np.testing.assert_array_equal(made.f0, [0.0, 220.0, 221.0])
    assert made.voiced.tolist() == [False, True, True]
    assert (made.confidence.dtype, type(made.hop)) == (np.float32, float)
    assert np.isnan(f0[0])  # the caller's own array is left alone


@pytest.mark.parametrize(
    ("f0", "voiced", "message"),
    [
        (
            np.zeros((2, 2)),
            np.zeros(2),
            "f0: float64 of shape (2, 2) is not one number per frame; give an array of shape "
            "(frames,)",
        ),
        ("f0.csv", np.zeros(2), "f0: 'f0.csv' is not an array; give a NumPy array"),
        (
            np.zeros(2),
            np.full(2, 0.5),
            "voiced: float64 is not true or false per frame; give booleans",
        ),
        (
            ["A4", "B4"],
            np.zeros(2),
            "f0: ['A4', 'B4'] is not a list of numbers; give a NumPy array",
        ),
    ],
)
def test_arrays_of_another_form_are_refused(f0: Any, voiced: Any, message: str) -> None:
    assert refusal(f0, voiced, np.zeros(2), 0.01) == message


def test_the_repr_of_a_track_is_one_short_line() -> None:
    assert repr(track([0, 110, 220, 0])) == (
        "PitchTrack(4 frames, hop 0.01 s, 50% voiced, 110.0 to 220.0 Hz)"
    )
    assert repr(track([])) == "PitchTrack(0 frames, hop 0.01 s, no pitch)"


def test_a_track_is_compared_hashed_copied_and_pickled_by_its_values() -> None:
    one = track([0, 110, 220, 0])
    for twin in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert twin == one
        assert hash(twin) == hash(one)
    assert one != track([0, 110, 221, 0])
    assert one != track([0, 110, 220, 0], hop=0.02)
    assert one != track([0, 110, 220])


def test_a_track_tells_its_notes() -> None:
    (note,) = track(np.full(50, 440.0)).notes()
    assert (note.key, note.start, note.end) == (69, 0.0, 0.5)
    assert repr(note) == "Note(start=0.0, end=0.5, key=69, confidence=1.0)"
    (late,) = track([0] * 15 + [440.0] * 80).notes()
    assert repr(late) == "Note(start=0.15, end=0.95, key=69, confidence=1.0)"
