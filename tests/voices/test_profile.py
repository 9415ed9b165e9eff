from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest

from autovoice_core import InputError, VoiceProfile
from autovoice_core.voices.profile import FORMAT_VERSION
from autovoice_core.voices.records import Embedding, F0Range

MakeProfile = Callable[..., VoiceProfile]


def test_a_profile_gives_back_what_it_was_made_of(make_profile: MakeProfile) -> None:
    profile = make_profile(" E\u0301dith ", f0_range=(100, 200, 300))
    assert profile.name == "Édith"
    assert profile.f0_range == F0Range(100.0, 200.0, 300.0)
    assert profile.f0_range.p50 == 200.0
    assert profile.format_version == FORMAT_VERSION
    assert set(profile.features) == {"frames", "voiced"}


def test_a_profile_knows_when_it_was_made(make_profile: MakeProfile) -> None:
    profile = make_profile()
    made = VoiceProfile(
        profile.name, {}, "retrieval/1", profile.f0_range, -20.0, 10.0, profile.recordings
    )
    created = datetime.fromisoformat(made.created)
    assert created.utcoffset() == timedelta(0)
    assert abs((datetime.now(created.tzinfo) - created).total_seconds()) < 600


def test_a_profile_is_described_without_its_arrays(make_profile: MakeProfile) -> None:
    described = repr(make_profile())
    assert "iona" in described
    assert "frames" not in described
    assert len(described) < 500


def test_a_feature_that_is_no_number_is_refused(make_profile: MakeProfile) -> None:
    with pytest.raises(InputError) as caught:
        make_profile(features={"words": np.array(["a"])})
    assert str(caught.value) == (
        "features['words']: dtype <U1 can't be kept; "
        "use bool, integers or floats of at most 64 bits"
    )


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_feature_that_is_not_finite_is_refused(make_profile: MakeProfile, bad: float) -> None:
    with pytest.raises(InputError) as caught:
        make_profile(features={"frames": np.array([1.0, bad])})
    assert str(caught.value) == (
        "features['frames']: not every value is finite; drop those that are not"
    )


@pytest.mark.parametrize(
    "f0_range", [(0, 1, 2), (200, 100, 300), (0.1, 0.1, 0.1), (5e-324, 200, 300)]
)
def test_a_range_that_is_none_is_refused(make_profile: MakeProfile, f0_range: object) -> None:
    with pytest.raises(InputError, match=r"^f0_range: .* give three frequencies") as caught:
        make_profile(f0_range=f0_range)
    low, median, high = f0_range  # type: ignore[misc]
    assert str(caught.value) == (
        f"f0_range: {low:g}, {median:g}, {high:g} Hz are not the 5th, 50th and 95th percentile "
        "of an f0; give three frequencies from 20 to 4000 Hz in rising order"
    )


def test_a_loudness_of_silence_is_refused(make_profile: MakeProfile) -> None:
    with pytest.raises(InputError) as caught:
        make_profile(loudness=-math.inf)
    assert str(caught.value) == (
        "loudness: -inf is not a number of LUFS from -1000 to 1000; give one"
    )


def test_an_embedding_is_most_like_itself() -> None:
    rng = np.random.default_rng(1)
    vectors = np.abs(rng.standard_normal((2, 8))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    one, other = (Embedding("e", "1", vector) for vector in vectors)
    assert one.similarity(one) == pytest.approx(1, abs=1e-6)
    assert one.similarity(other) == pytest.approx(float(np.dot(*vectors)), abs=1e-6)
    assert one.similarity(other) < 0.99


def test_embeddings_of_two_encoders_are_not_compared() -> None:
    vector = np.ones(1, np.float32)
    with pytest.raises(InputError) as caught:
        Embedding("resemblyzer", "0.1.4", vector).similarity(Embedding("other", "2", vector))
    assert str(caught.value) == (
        "embeddings of resemblyzer 0.1.4 and other 2 can't be compared; "
        "make both with the same encoder"
    )


def test_an_embedding_of_several_speakers_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        Embedding("resemblyzer", "0.1.4", np.ones((2, 3), np.float32))
    assert str(caught.value) == (
        "vector: float32 of shape (2, 3) is not float32 of one dimension; "
        "give the embedding of one speaker"
    )


def test_the_repr_of_a_profile_is_one_short_line(make_profile: MakeProfile) -> None:
    assert repr(make_profile()) == ("VoiceProfile('iona', 61 s voiced, 180 to 410 Hz, retrieval/1)")


def test_a_profile_is_compared_hashed_copied_and_pickled_by_its_values(
    make_profile: MakeProfile,
) -> None:
    profile = make_profile()
    for twin in (make_profile(), copy.deepcopy(profile), pickle.loads(pickle.dumps(profile))):
        assert twin == profile
        assert hash(twin) == hash(profile)
    changed = {name: values + 1 for name, values in profile.features.items() if name == "frames"}
    assert make_profile(features={**profile.features, **changed}) != profile
    assert make_profile(loudness=-20.0) != profile


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"consent": 5}, "consent: 5 is not text; give for example 'iona'"),
        ({"features": [1]}, "features: [1] is not a mapping from names to arrays"),
        (
            {"f0_range": "low"},
            "f0_range: 'low' is not three frequencies; give the 5th, 50th and 95th percentile of "
            "an f0 in Hz",
        ),
        (
            {"recordings": "take.flac"},
            "recordings: 'take.flac' is not a tuple of Recording; give ()",
        ),
        ({"style": "soft"}, "style: 'soft' is not a Style; give a Style or omit it"),
        (
            {"loudness": None},
            "loudness: None is not a number of LUFS from -1000 to 1000; give one",
        ),
    ],
)
def test_values_of_another_type_are_refused(
    make_profile: MakeProfile, changes: dict[str, object], refusal: str
) -> None:
    with pytest.raises(InputError) as caught:
        make_profile(**changes)
    assert str(caught.value) == refusal
