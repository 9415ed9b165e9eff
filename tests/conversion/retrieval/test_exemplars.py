from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from conversion_truth import phrase, track

from autovoice_core import Audio, InputError, PitchTrack
from autovoice_core.conversion.retrieval.exemplars import MAX_FRAMES
from autovoice_core.conversion.retrieval.retrieval import Retrieval


def test_the_band_of_a_recording_is_what_is_in_it_whatever_its_rate(converter: Retrieval) -> None:
    vocals, pitch = phrase(16_000, 200.0)
    upsampled = vocals.resample(44_100)
    narrow, wide = converter.learn([(vocals, pitch)]), converter.learn([(upsampled, pitch)])
    assert narrow["bandwidth"].max() == pytest.approx(7520)
    assert wide["bandwidth"].max() < 9000


def test_recordings_without_a_voice_are_refused(converter: Retrieval) -> None:
    nothing = PitchTrack(np.zeros(3), np.zeros(3, bool), np.zeros(3, np.float32), 0.01)
    with pytest.raises(InputError) as refusal:
        converter.learn([(Audio(np.zeros((1, 320), np.float32), 16_000), nothing)])
    assert str(refusal.value) == (
        "recordings: nothing in them is voiced; give recordings of a voice"
    )


def test_more_frames_than_any_voice_keeps_are_refused(converter: Retrieval, voice: Any) -> None:
    count = MAX_FRAMES + 1
    long = {
        name: np.broadcast_to(values[:1], (count, *values.shape[1:]))
        for name, values in voice.features.items()
    }
    with pytest.raises(InputError) as refusal:
        converter.begin(
            SimpleNamespace(features=long), track(np.full(800, 200.0), 8000), 8000, key=0.0
        )
    assert str(refusal.value) == (
        f"voice: {count} frames are more than the {MAX_FRAMES} allowed; "
        "make the voice again from its recordings"
    )


def test_damaged_features_are_refused(converter: Retrieval, voice: Any) -> None:
    pitch = track(np.full(800, 200.0), 8000)
    again = "make the voice again from its recordings"
    count = voice.features["follows"].size
    for changed, said in (
        ({"envelope": np.zeros((count, 5), np.float16)},
         f"features['envelope'] is float16 of shape ({count}, 5), "
         f"not float16 of shape ({count}, 128)"),
        ({"aperiodicity": np.zeros((count, 6))},
         f"features['aperiodicity'] is float64 of shape ({count}, 6), "
         f"not uint8 of shape ({count}, 6)"),
        ({"bandwidth": 0 * voice.features["bandwidth"]}, "its features contradict one another"),
        ({"more": np.zeros(2)},
         "its features are aperiodicity, bandwidth, envelope, follows, more, not "
         "aperiodicity, bandwidth, envelope, follows"),
    ):  # fmt: skip
        forged = SimpleNamespace(features={**voice.features, **changed})
        with pytest.raises(InputError) as refusal:
            converter.begin(forged, pitch, 8000, key=0.0)
        assert str(refusal.value) == f"voice: {said}; {again}"
    empty = {name: values[:0] for name, values in voice.features.items()}
    with pytest.raises(InputError) as refusal:
        converter.begin(SimpleNamespace(features=empty), pitch, 8000, key=0.0)
    assert str(refusal.value) == (
        "voice: features['envelope'] is float16 of shape (0, 128), "
        f"not float16 of shape (1, 128); {again}"
    )
