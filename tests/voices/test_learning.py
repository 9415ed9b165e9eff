"""A voice serves several converters: each learns from the recordings it was made from."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve
from sqlite_utils import Database

from autovoice_core import (
    Audio,
    InputError,
    SingingVoiceConverter,
    StorageError,
    VoiceProfile,
    VoiceProfileStorage,
    using,
)
from autovoice_core.testing import truth
from autovoice_core.voices import queries, schema, serialization

MakeProfile = Callable[..., VoiceProfile]


@pytest.fixture(autouse=True)
def correlation() -> Iterator[None]:
    """The tracker without a network: quicker to open."""
    with using(pitch="reference/nccf"):
        yield


@pytest.fixture(scope="module")
def take() -> Audio:
    return truth.sing(truth.ALTO, seconds=12, sample_rate=16_000, seed=4).audio


@pytest.fixture(scope="module")
def made(take: Audio) -> VoiceProfile:
    with using(pitch="reference/nccf"):
        return VoiceProfile.from_recordings(take, name="alto")


@pytest.fixture
def elsewhere(made: VoiceProfile) -> VoiceProfile:
    """The voice as if another converter had made its features."""
    return evolve(made, features={"theirs": np.zeros(3)}, feature_id="other/1")


def test_a_voice_learns_for_one_more_converter(
    take: Audio, made: VoiceProfile, elsewhere: VoiceProfile
) -> None:
    learnt = elsewhere.learn(take)
    assert learnt.feature_ids == ("other/1", "retrieval/1")
    assert learnt.features_of("other/1").keys() == {"theirs"}
    for name, values in made.features.items():
        np.testing.assert_array_equal(learnt.features_of("retrieval/1")[name], values)
    assert SingingVoiceConverter().convert(take[:1.0], learnt).frames == 16_000


def test_what_is_not_learnt_is_refused(take: Audio, elsewhere: VoiceProfile) -> None:
    with pytest.raises(InputError) as caught:
        SingingVoiceConverter().convert(take[:1.0], elsewhere)
    assert str(caught.value) == (
        "voice: 'alto' holds features of other/1, but reference/retrieval reads retrieval/1; let "
        "the backend learn it: `autovoice voices learn NAME`, with its recordings"
    )
    with pytest.raises(InputError, match="'alto' holds features of other/1, not of retrieval/1"):
        elsewhere.features_of("retrieval/1")


def test_other_recordings_are_refused(take: Audio, made: VoiceProfile) -> None:
    with pytest.raises(InputError) as caught:
        made.learn([take, take[:8.5]])
    assert str(caught.value) == (
        "recordings: 'recordings[1]' is none of those that 'alto' was made from, "
        "'recordings[0]'; give exactly these, or make the voice again"
    )
    two = evolve(made, recordings=(*made.recordings, evolve(made.recordings[0], sha256="ab" * 32)))
    with pytest.raises(InputError, match=r"'recordings\[0\]' is missing of those"):
        two.learn(take)


def test_a_profile_of_several_sets_survives_its_file(made: VoiceProfile) -> None:
    several = evolve(made, more_features={"a/1": {"x": np.arange(3)}, "b/2": {"x": np.ones(2)}})
    data = serialization.dumps(several)
    assert serialization.loads(data, "x") == several
    assert serialization._metadata(data)["format_version"] == "3"
    assert serialization._metadata(serialization.dumps(made))["format_version"] == "2"


def test_recordings_that_are_kept_need_not_be_given(
    storage: VoiceProfileStorage, take: Audio, elsewhere: VoiceProfile
) -> None:
    storage.add(elsewhere, keep_audio=take)
    assert storage.summary("alto").keeps_audio
    storage.rename("alto", "alto 2")
    storage.set_style("alto 2", formant=1.0)
    learnt = storage.learn("alto 2")
    assert learnt == storage.get("alto 2")
    assert learnt.feature_ids == ("other/1", "retrieval/1")
    assert learnt.style.formant == 1.0
    given = elsewhere.learn(take).features_of("retrieval/1")
    for name, values in learnt.features_of("retrieval/1").items():
        np.testing.assert_array_equal(values, given[name])


def test_a_file_is_kept_as_it_is(storage: VoiceProfileStorage, take: Audio, tmp_path: Path) -> None:
    path = tmp_path / "take.flac"
    take.save(path)
    storage.add(VoiceProfile.from_recordings(path, name="alto"), keep_audio=path)
    with closing(sqlite3.connect(storage.path)) as connection:
        assert connection.execute("SELECT data FROM audio").fetchall() == [(path.read_bytes(),)]
    storage.remove("alto")
    with closing(sqlite3.connect(storage.path)) as connection:
        assert connection.execute("SELECT count(*) FROM audio").fetchone() == (0,)
    assert path.read_bytes()[1000:1100] not in storage.path.read_bytes()


def test_without_recordings_nothing_is_learnt(
    storage: VoiceProfileStorage, elsewhere: VoiceProfile
) -> None:
    storage.add(elsewhere)
    assert not storage.summary("alto").keeps_audio
    with pytest.raises(StorageError) as caught:
        storage.learn("alto")
    assert str(caught.value) == (
        "no recordings of 'alto' are kept; give them, or add the voice with its audio next time"
    )


def test_others_recordings_are_not_kept(
    storage: VoiceProfileStorage, take: Audio, made: VoiceProfile
) -> None:
    with pytest.raises(InputError, match="is none of those"):
        storage.add(made, keep_audio=take[:8.5])
    assert storage.list() == ()


def test_an_older_database_that_can_not_be_written_is_read(
    folder: Path, make_profile: MakeProfile, forbid_writing: Callable[[Path], None]
) -> None:
    path = folder / "voices.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        db = Database(connection)
        schema.migrate(db, path, schema.MIGRATIONS[:1])
        queries.insert_voice(db, make_profile(), serialization.dumps(make_profile()))
    path.chmod(0o444)
    forbid_writing(folder)
    storage = VoiceProfileStorage(path)
    assert [voice.name for voice in storage.list()] == ["iona"]
    assert storage.get("iona") == make_profile()
