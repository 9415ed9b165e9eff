from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import array_api_compat.numpy as xp
import numpy as np
import pytest
from conversion_truth import phrase, track, vowel

from autovoice_core import Audio, InputError, PitchTrack
from autovoice_core.conversion.retrieval.analysis import VOICED_MARGIN
from autovoice_core.conversion.retrieval.exemplars import (
    MAX_FRAMES,
    Exemplars,
    analyse_recording,
)
from autovoice_core.conversion.retrieval.gaussians import Gaussian
from autovoice_core.conversion.retrieval.mel_axis import mel_positions
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
        name: np.broadcast_to(voice.features[name][:1], (count, *voice.features[name].shape[1:]))
        for name in ("envelope", "aperiodicity", "follows", "bandwidth")
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
         "its features are aperiodicity, bandwidth, envelope, follows, more, unvoiced_covariance, "
         "unvoiced_frames, unvoiced_mean, not aperiodicity, bandwidth, envelope, follows"),
        ({"unvoiced_mean": np.zeros(127, np.float32)},
         "features['unvoiced_mean'] is float32 of shape (127,), not float32 of shape (128,)"),
        ({"unvoiced_covariance": np.zeros((128, 128))},
         "features['unvoiced_covariance'] is float64 of shape (128, 128), "
         "not float32 of shape (128, 128)"),
        ({"unvoiced_frames": np.ones(2, np.float32)},
         "features['unvoiced_frames'] is float32 of shape (2,), not float32 of shape (1,)"),
        ({"unvoiced_frames": np.zeros(1, np.float32)}, "its features contradict one another"),
        ({"unvoiced_mean": np.full(128, np.inf, np.float32)},
         "its features contradict one another"),
        ({"unvoiced_frames": np.full(1, np.nan, np.float32)},
         "its features contradict one another"),
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


def test_a_part_of_the_statistics_of_unvoiced_sound_is_refused(
    converter: Retrieval, voice: Any
) -> None:
    part = {name: values for name, values in voice.features.items() if name != "unvoiced_frames"}
    with pytest.raises(InputError) as refusal:
        converter.begin(
            SimpleNamespace(features=part), track(np.full(9, 200.0), 900), 8000, key=0.0
        )
    assert str(refusal.value) == (
        "voice: its features are aperiodicity, bandwidth, envelope, follows, unvoiced_covariance, "
        "unvoiced_mean, not aperiodicity, bandwidth, envelope, follows; "
        "make the voice again from its recordings"
    )


def test_a_voice_holds_the_statistics_of_the_unvoiced_frames_of_all_its_recordings(
    converter: Retrieval,
) -> None:
    recordings = [phrase(16_000, f0, scale) for f0, scale in ((180.0, 1.0), (220.0, 1.1))]
    heard = []
    for audio, pitch in recordings:
        recording = analyse_recording(audio, pitch, xp, None)
        # What is learnt from is the breath in the middle, without its edges and the silence.
        assert np.flatnonzero(recording.unvoiced).min() >= 0.45 * 400 + VOICED_MARGIN
        assert np.flatnonzero(recording.unvoiced).max() < 0.55 * 400
        heard.append(recording.frames.envelope[recording.unvoiced])
    wanted = Gaussian.of(np.concatenate(heard))
    features = converter.learn(recordings)
    assert {features[name].dtype for name in features if name.startswith("unvoiced")} == {
        np.dtype(np.float32)
    }
    found = Exemplars.load(features, np.zeros(1, np.float32)).unvoiced
    assert found is not None
    assert found.frames == wanted.frames > 30
    np.testing.assert_allclose(found.mean, wanted.mean, rtol=1e-4)
    np.testing.assert_allclose(found.covariance, wanted.covariance, atol=1e-4)


def test_a_voice_that_was_made_without_unvoiced_sound_is_read(voice: Any) -> None:
    old = {name: values for name, values in voice.features.items() if "unvoiced" not in name}
    assert Exemplars.load(old, np.zeros(1, np.float32)).unvoiced is None


def test_a_voice_of_which_all_recordings_are_voiced_has_no_statistics_of_unvoiced_sound(
    converter: Retrieval,
) -> None:
    tune = np.full(8000, 200.0)
    audio = Audio(vowel(tune, 8000)[None].astype(np.float32), 8000)
    features = converter.learn([(audio, track(tune, 8000))])
    assert features.keys() == {"envelope", "aperiodicity", "follows", "bandwidth"}


def test_shapes_are_mapped_on_the_points_that_every_recording_and_the_song_have(
    converter: Retrieval,
) -> None:
    recordings = [phrase(8_000, 200.0, 1.0, 1.0), phrase(16_000, 200.0, 1.0, 3.0)]
    exemplars = Exemplars.load(converter.learn(recordings), np.zeros(1, np.float32))
    narrowest = int(mel_positions(0.47 * 8_000)) + 1
    assert exemplars.common_band(44_100) == pytest.approx(narrowest, abs=1)
    assert exemplars.common_band(6_000) == int(mel_positions(0.47 * 6_000)) + 1
