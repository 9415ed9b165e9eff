"""A summary says which kinds of features a voice holds."""

from __future__ import annotations

from collections.abc import Callable

from autovoice_core import VoiceProfile, VoiceProfileStorage

MakeProfile = Callable[..., VoiceProfile]


def test_a_listing_says_as_many_kinds_of_features_as_a_label_has_room_for(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    features = make_profile().features
    more = dict.fromkeys(("a" * 900, "b" * 90, "c/1"), features)
    storage.add(make_profile(more_features=more))
    assert storage.summary("iona").feature_ids == ("retrieval/1", "a" * 900, "c/1")
