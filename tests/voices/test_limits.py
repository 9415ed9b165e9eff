from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autovoice_core import InputError, Provenance, VoiceProfile
from autovoice_core.voices import serialization
from autovoice_core.voices.coverage import MIDI_NOTES, Coverage
from autovoice_core.voices.records import Embedding, Recording

MakeProfile = Callable[..., VoiceProfile]

HASH = "ab" * 32
TAKE = Recording("take.flac", HASH, 1.0)
MADE_BY = Provenance("pitch", "cpu/nccf", "autovoice-cpu 1", "cpu", "float32")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        (
            {"consent": "hers\ud800"},
            "consent: holds bytes that are not text, '\\ud800'; give text of Unicode characters",
        ),
        (
            {"feature_id": "x" * 1001},
            "feature_id: 1001 characters are more than the 1000 allowed; give fewer",
        ),
        (
            {"feature_id": "a\nb"},
            "feature_id: 'a\\nb' holds control characters; give an id such as 'retrieval/1'",
        ),
        (
            {"more_features": {"\x1b[2J": {}}},
            "more_features: '\\x1b[2J' holds control characters; give an id such as 'retrieval/1'",
        ),
        (
            {"provenance": "\n" * 20_001},
            "provenance: 20001 characters are more than the 20000 allowed; give fewer",
        ),
        (
            {"loudness": 10**400},
            "loudness: an object of type int is not a number of LUFS from -1000 to 1000; give one",
        ),
        (
            {"voiced_seconds": float("nan")},
            "voiced_seconds: nan is not a number of seconds from 0 to 1e+09; give one",
        ),
        (
            {"f0_range": (10**400, 200, 300)},
            "f0_range: an object of type tuple is not three frequencies; give the 5th, 50th and "
            "95th percentile of an f0 in Hz",
        ),
        (
            {"created": "today"},
            "created: 'today' is not a date and time of ISO 8601; give for example "
            "'2026-01-02T03:04:05+00:00'",
        ),
        (
            {"recordings": (TAKE,) * 10_001},
            "recordings: 10001 recordings are more than the 10000 allowed; give fewer",
        ),
        (
            {"made_by": (MADE_BY,) * 1001},
            "made_by: 1001 operations are more than the 1000 allowed; give fewer",
        ),
        (
            {"made_by": (Provenance("pitch", 5, "", "cpu", "float32"),)},  # type: ignore[arg-type]
            "made_by: 5 is not text; give for example 'iona'",
        ),
        (
            {"features": {str(number): np.zeros(1) for number in range(1001)}},
            "features: 1001 arrays are more than the 1000 allowed; give fewer",
        ),
        (
            {"more_features": {str(number): {} for number in range(1001)}},
            "more_features: 1001 sets of features are more than the 1000 allowed; give fewer",
        ),
        (
            {"settings": {"mine/rvc": {"text": "\ud800"}}},
            "settings: holds bytes that are not text, '\\ud800'; give text of Unicode characters",
        ),
    ],
)
def test_a_field_out_of_its_range_is_refused(
    make_profile: MakeProfile, changes: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(InputError) as caught:
        make_profile(**changes)
    assert str(caught.value) == refusal


def test_a_recording_is_known_by_a_hash_and_has_a_length() -> None:
    with pytest.raises(InputError) as caught:
        Recording("take.flac", "abc", 1.0)
    assert str(caught.value) == "sha256: 'abc' is not a SHA-256; give 64 hexadecimal digits"
    with pytest.raises(InputError) as caught:
        Recording("take.flac", HASH, -1.0)
    assert str(caught.value) == (
        "seconds: -1.0 is not a number of seconds from 0 to 1e+09; give one"
    )


def test_a_file_called_by_bytes_that_are_no_text_has_a_readable_name() -> None:
    assert Recording("caf\udce9.flac", HASH, 1.0).name == "caf?.flac"


def test_an_embedding_is_finite() -> None:
    with pytest.raises(InputError) as caught:
        Embedding("resemblyzer", "0.1.4", np.array([np.nan], np.float32))
    assert str(caught.value) == (
        "vector: not every value is finite; give the embedding of one speaker"
    )


@pytest.mark.parametrize("notes", [None, 5, {}, [10**400] * MIDI_NOTES, ["x"] * MIDI_NOTES])
def test_coverage_of_anything_but_durations_is_refused(notes: Any) -> None:
    with pytest.raises(InputError) as caught:
        Coverage(notes, 1.0, 1.0)
    assert str(caught.value) == ("notes: not 128 durations in seconds; give one for each MIDI note")


def test_what_was_changed_in_place_is_checked_before_it_is_kept(make_profile: MakeProfile) -> None:
    profile = make_profile()
    profile.features["frames"] = np.array([np.nan])  # type: ignore[index]
    with pytest.raises(InputError) as caught:
        serialization.dumps(profile)
    assert str(caught.value) == (
        "features['frames']: not every value is finite; drop those that are not"
    )


def test_what_could_not_be_read_again_is_not_kept(make_profile: MakeProfile) -> None:
    takes = tuple(Recording("é" * 500, HASH, 1.0) for _ in range(3000))
    with pytest.raises(InputError) as caught:
        serialization.dumps(make_profile(recordings=takes))
    assert str(caught.value) == (
        "'iona': 11 MB of texts and names are more than the 4 MB allowed; shorten them, or give "
        "fewer recordings"
    )
