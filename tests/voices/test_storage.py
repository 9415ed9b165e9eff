from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import attrs
import numpy as np
import pytest

from autovoice_core import InputError, StorageError, Style, VoiceProfile, VoiceProfileStorage
from autovoice_core.voices import serialization

MakeProfile = Callable[..., VoiceProfile]

NAMES = [
    "iona",
    "Iona",
    "Édith",
    "美空ひばり",
    "أم كلثوم",
    "👩‍🎤",
    "'; DROP TABLE voices; --",
    "a%_b",
]


def names(storage: VoiceProfileStorage) -> list[str]:
    return [summary.name for summary in storage.list()]


def test_voices_are_kept_under_names_in_any_script(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    for seconds, name in enumerate(NAMES, start=10):
        storage.add(make_profile(name, voiced_seconds=seconds))
    assert sorted(names(storage)) == sorted(NAMES)
    for seconds, name in enumerate(NAMES, start=10):
        kept = VoiceProfileStorage(storage.path).get(name)
        assert (kept.name, kept.voiced_seconds) == (name, seconds)


def test_a_voice_is_found_by_an_equal_name_in_another_form(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile("Édith"))
    assert storage.get(" E\u0301dith ").name == "Édith"


def test_a_voice_comes_back_whole(storage: VoiceProfileStorage, make_profile: MakeProfile) -> None:
    profile = make_profile()
    storage.add(profile)
    kept = storage.get("iona")
    assert serialization.dumps(kept)[8:] != b""
    assert kept.consent == profile.consent
    assert kept.recordings == profile.recordings
    assert kept.made_by == profile.made_by
    assert kept.embedding is not None
    np.testing.assert_array_equal(kept.features["frames"], profile.features["frames"])


def test_a_listing_says_what_there_is(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile("b"))
    storage.add(make_profile("a", embedding=None, recordings=()))
    first, second = storage.list()
    assert (first.name, first.encoder, first.recordings) == ("a", None, 0)
    assert (second.name, second.encoder, second.recordings) == ("b", "resemblyzer", 1)
    assert second.f0_range == (180.0, 260.5, 410.25)
    assert (second.loudness, second.voiced_seconds) == (-21.5, 61.25)
    assert (second.feature_id, second.created) == ("retrieval/1", "2026-01-02T03:04:05+00:00")
    assert second.size == len(serialization.dumps(make_profile("b")))


def test_a_listing_does_not_read_features(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile())
    damage_profile(storage.path)
    assert names(storage) == ["iona"]


def test_a_taken_name_is_refused_and_says_how_to_replace(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile(voiced_seconds=10))
    with pytest.raises(StorageError) as caught:
        storage.add(make_profile(voiced_seconds=20))
    assert str(caught.value) == (
        "a voice called 'iona' already exists; replace it with replace=True or choose another name"
    )
    assert storage.get("iona").voiced_seconds == 10


def test_replacing_takes_the_place_of_a_voice(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile(voiced_seconds=10))
    storage.add(make_profile(voiced_seconds=20), replace=True)
    assert [summary.voiced_seconds for summary in storage.list()] == [20]
    assert storage.get("iona").voiced_seconds == 20


def test_how_a_voice_is_sung_in_is_kept_and_the_rest_stays(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    profile = make_profile("iona")
    storage.add(profile)
    assert storage.set_style("iona", formant=-1.5, key=-12).style == Style(key=-12, formant=-1.5)
    styled = storage.set_style("iona", key="auto", breath="soften")
    assert styled.style == Style(formant=-1.5, breath="soften")
    kept = storage.get("iona")
    assert kept.style == styled.style
    unlike = attrs.filters.exclude("style", "features", "embedding")
    assert attrs.asdict(kept, filter=unlike) == attrs.asdict(profile, filter=unlike)
    for name, values in profile.features.items():
        assert np.array_equal(kept.features[name], values)
    with pytest.raises(InputError, match=r"^breath: 'loud' is not one of keep, soften, remove$"):
        storage.set_style("iona", breath="loud")  # type: ignore[typeddict-item]
    with pytest.raises(StorageError, match="did you mean 'iona'"):
        storage.set_style("ionna", seed=1)
    assert storage.get("iona").style == styled.style


def test_renaming_changes_the_name_and_nothing_else(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile("old"))
    storage.rename("old", "new")
    storage.rename("new", " new ")
    assert names(storage) == ["new"]
    assert storage.get("new").name == "new"
    assert storage.get("new").consent == make_profile().consent


def test_renaming_to_a_taken_name_is_refused(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile("a"))
    storage.add(make_profile("b"))
    with pytest.raises(StorageError) as caught:
        storage.rename("a", "b")
    assert str(caught.value) == (
        "a voice called 'b' already exists; remove it or choose another name"
    )
    assert names(storage) == ["a", "b"]


def test_a_removed_voice_leaves_no_trace_in_the_file(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    mark = b"the voice of somebody"
    large = np.frombuffer(mark * 20_000, np.uint8)
    storage.add(make_profile("stays"))
    before = storage.path.stat().st_size
    storage.add(make_profile("goes", features={"frames": large}))
    assert mark in storage.path.read_bytes()
    storage.remove("goes")
    assert names(storage) == ["stays"]
    assert mark not in storage.path.read_bytes()
    assert storage.path.stat().st_size == before
    assert [entry.name for entry in storage.path.parent.iterdir()] == [storage.path.name]


@pytest.mark.parametrize("use", ["get", "remove", "rename"])
def test_an_unknown_name_is_answered_with_the_nearest(
    storage: VoiceProfileStorage, make_profile: MakeProfile, use: str
) -> None:
    for name in ["iona", "Ioana", "bob"]:
        storage.add(make_profile(name))
    arguments = ["ionna", "new"] if use == "rename" else ["ionna"]
    with pytest.raises(StorageError) as caught:
        getattr(storage, use)(*arguments)
    assert str(caught.value) == "unknown voice 'ionna'; did you mean 'iona' or 'Ioana'?"


def test_a_name_like_no_other_is_answered_with_the_count(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile())
    with pytest.raises(StorageError) as caught:
        storage.get("zzz")
    assert str(caught.value) == "unknown voice 'zzz'; `autovoice voices list` shows all voices"


def test_an_exported_voice_is_imported_on_another_machine(
    storage: VoiceProfileStorage, make_profile: MakeProfile, tmp_path: Path
) -> None:
    storage.add(make_profile())
    storage.rename("iona", "Édith")
    storage.export("Édith", tmp_path / "e.voice")
    there = VoiceProfileStorage(tmp_path / "there" / "voices.db")
    assert there.import_(tmp_path / "e.voice").name == "Édith"
    assert there.import_(tmp_path / "e.voice", name="other").name == "other"
    assert names(there) == ["other", "Édith"]
    np.testing.assert_array_equal(
        there.get("other").features["frames"], make_profile().features["frames"]
    )


def test_importing_a_taken_name_needs_replace(
    storage: VoiceProfileStorage, make_profile: MakeProfile, tmp_path: Path
) -> None:
    storage.add(make_profile(voiced_seconds=10))
    storage.export("iona", tmp_path / "i.voice")
    storage.add(make_profile(voiced_seconds=20), replace=True)
    with pytest.raises(StorageError, match="already exists"):
        storage.import_(tmp_path / "i.voice")
    assert storage.get("iona").voiced_seconds == 20
    storage.import_(tmp_path / "i.voice", replace=True)
    assert storage.get("iona").voiced_seconds == 10


def damage_profile(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        (data,) = connection.execute("SELECT profile FROM voices").fetchone()
        connection.execute("UPDATE voices SET profile = ?", [data[:-1] + bytes([data[-1] ^ 1])])


def test_a_damaged_profile_is_refused_and_can_be_removed(
    storage: VoiceProfileStorage, make_profile: MakeProfile
) -> None:
    storage.add(make_profile())
    damage_profile(storage.path)
    with pytest.raises(StorageError) as caught:
        storage.get("iona")
    assert str(caught.value) == (
        f"voice 'iona' in {storage.path}: damaged (its checksum is wrong); get an intact copy, "
        "or make the voice again from its recordings"
    )
    storage.remove("iona")
    assert storage.list() == ()


def test_a_storage_says_where_it_is(tmp_path: Path) -> None:
    assert repr(VoiceProfileStorage("x.db")) == "VoiceProfileStorage('x.db')"


def test_a_name_nobody_can_read_is_refused(storage: VoiceProfileStorage) -> None:
    with pytest.raises(InputError, match="no visible character"):
        storage.get("")
