"""What a backend is handed can't be changed under the caller."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from guard_helpers import (
    RATE,
    VOICE,
    Anything,
    converter,
    estimator,
    halves,
    provenance,
    refusal,
    separator,
    sound,
    track,
)

from autovoice_core import Audio, BackendError, PitchTrack
from autovoice_core.backends.guards import guard
from autovoice_core.backends.guards.handed import MissingFeature


def scribbling(audio: Audio) -> Any:
    audio.numpy()[:] = 0
    return halves(audio)


def test_a_backend_that_writes_to_sound_leaves_the_callers_alone() -> None:
    mine, before = sound(), sound().numpy().copy()
    with pytest.raises(Exception, match="differs from the mixture"):
        separator(scribbling).separate(mine)
    np.testing.assert_array_equal(mine.numpy(), before)


def test_the_copy_is_contiguous_whatever_the_callers_memory() -> None:
    def is_plain(mixture: Audio) -> Any:
        assert mixture.numpy().flags.c_contiguous
        assert mixture.numpy().flags.writeable
        return halves(mixture)

    wide = np.zeros((2, 128), np.float32)
    wide.flags.writeable = False
    separator(is_plain).separate(Audio(wide[:, ::2], RATE))


def test_a_stream_may_keep_its_block() -> None:
    kept: list[Audio] = []

    class Keeping:
        latency = 0.0

        def feed(self, block: Audio) -> Audio:
            kept.append(block)
            return block

        def flush(self) -> Audio:
            return kept[0]

    class Streams(Anything):
        def stream(self, sample_rate: int, **_: Any) -> Keeping:
            return Keeping()

    stream = guard(Streams(), provenance("conversion"), latency=0.1).stream(
        RATE, voice=VOICE, key=0
    )
    samples = np.ones((1, 4), np.float32)
    stream.feed(Audio(samples, RATE))
    samples[:] = 0
    assert stream.flush().numpy().tolist() == [[1, 1, 1, 1]]


def test_positions_can_not_be_written() -> None:
    def shift(audio: Audio, centres: Any) -> None:
        centres += 1

    assert "read-only" in refusal(
        BackendError, lambda: estimator(shift).estimate(sound(1), np.arange(3))
    )


def test_pitch_and_features_can_not_be_written() -> None:
    class Scribbles(Anything):
        def begin(self, voice: Any, pitch: PitchTrack, sample_rate: int, **_: Any) -> Any:
            for array in (pitch.f0, pitch.voiced, pitch.confidence, *voice.features.values()):
                with pytest.raises(ValueError, match="read-only"):
                    array[:] = 0
            with pytest.raises(TypeError):
                voice.features["mine"] = 1
            return self

    guard(Scribbles(), provenance("conversion")).begin(VOICE, track(), RATE, key=0)


def test_recordings_can_not_be_changed() -> None:
    def scribble(recordings: Any) -> dict[str, Any]:
        for audio, pitch in recordings:
            audio.numpy()[:] = 0
            assert not pitch.f0.flags.writeable
        return {}

    mine = sound(1)
    before = mine.numpy().copy()
    converter(scribble).learn([(mine, track())])
    np.testing.assert_array_equal(mine.numpy(), before)


def test_a_feature_that_is_missing_is_named() -> None:
    class Reads(Anything):
        def begin(self, voice: Any, *_: Any, **__: Any) -> Any:
            return voice.features["envelope"]

    guarded = guard(Reads(), provenance("conversion"))
    assert refusal(MissingFeature, lambda: guarded.begin(VOICE, track(), RATE, key=0)) == (
        "voice: 'iona' holds no feature 'envelope', only timbre; make the voice again from its "
        "recordings, with this backend"
    )


def test_features_are_named_after_the_package_that_defines_them() -> None:
    class Newer(Anything):
        feature_id = "guard_helpers/mine/2"

    Newer.__module__ = "guard_helpers.newer"
    assert converter(None).feature_id == "guard_helpers/mine/1"
    assert guard(Newer(), provenance("conversion")).feature_id == "guard_helpers/mine/2"


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("autovoice_rvc.conversion.converter", "rvc/2"),
        ("autovoice_core.conversion.retrieval", "2"),
        ("their_rvc", "their_rvc/2"),
    ],
)
def test_packages_of_this_project_lead_features_by_the_names_of_their_plugins(
    module: str, name: str
) -> None:
    class Ours(Anything):
        feature_id = "2"

    Ours.__module__ = module
    assert guard(Ours(), provenance("conversion")).feature_id == name
    # A subclass elsewhere reads the very same features.
    theirs = type("Theirs", (Ours,), {"__module__": "another"})
    assert guard(theirs(), provenance("conversion")).feature_id == name
