from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autovoice_core import InputError, Provenance, StorageError, VoiceProfile
from autovoice_core.voices import serialization
from autovoice_core.voices.records import Embedding, Recording

MakeProfile = Callable[..., VoiceProfile]


def assert_same(one: VoiceProfile, other: VoiceProfile) -> None:
    def plain(profile: VoiceProfile) -> dict[str, Any]:
        values = attrs.asdict(profile, recurse=False)
        embedding = values.pop("embedding")
        values["embedding"] = embedding and (embedding.encoder, embedding.version)
        del values["features"]
        return values

    assert plain(one) == plain(other)
    assert set(one.features) == set(other.features)
    pairs = [(one.features[name], other.features[name]) for name in one.features]
    if one.embedding is not None and other.embedding is not None:
        pairs.append((one.embedding.vector, other.embedding.vector))
    for mine, theirs in pairs:
        assert mine.dtype.newbyteorder("=") == theirs.dtype.newbyteorder("=")
        assert mine.shape == theirs.shape
        np.testing.assert_array_equal(mine, theirs)


_dtypes = st.sampled_from(
    ["?", "i1", "<i2", ">i4", "i8", "u1", "u2", "u4", "u8", "f2", ">f4", "f8"]
)
_arrays = _dtypes.flatmap(
    lambda dtype: npst.arrays(
        dtype,
        npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
        elements={"allow_nan": False, "allow_infinity": False} if "f" in dtype else None,
    )
)
_names = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)
_levels, _seconds = st.floats(-1000, 1000), st.floats(0, 1e9)
_sha256 = st.text("0123456789abcdef", min_size=64, max_size=64)
_profiles = st.builds(
    VoiceProfile,
    name=_names,
    features=st.dictionaries(st.text(max_size=8), _arrays, max_size=3),
    feature_id=_names,
    f0_range=st.tuples(*[st.floats(20, 2000)] * 3).map(sorted),
    loudness=_levels,
    voiced_seconds=_seconds,
    recordings=st.lists(st.builds(Recording, st.text(), _sha256, _seconds), max_size=3).map(tuple),
    consent=st.text(),
    provenance=st.text(),
    made_by=st.lists(st.builds(Provenance, *[st.text()] * 5), max_size=2).map(tuple),
    embedding=st.none()
    | st.builds(Embedding, st.text(), st.text(), npst.arrays(np.float32, 4, elements=st.just(0.5))),
    created=st.datetimes().map(datetime.isoformat),
)


@settings(max_examples=150, deadline=None)
@given(_profiles)
def test_whatever_a_profile_holds_comes_back(profile: VoiceProfile) -> None:
    assert_same(serialization.loads(serialization.dumps(profile), "here"), profile)


def test_a_view_of_an_array_comes_back_as_it_looks(make_profile: MakeProfile) -> None:
    grid = np.arange(24.0).reshape(4, 6)
    profile = make_profile(features={"turned": grid.T[::2, 1:], "point": np.float32([3])[0:1]})
    assert_same(serialization.loads(serialization.dumps(profile), "here"), profile)


def test_any_flipped_bit_is_noticed(make_profile: MakeProfile) -> None:
    profile = make_profile(recordings=(), consent="", provenance="", made_by=(), embedding=None)
    data = serialization.dumps(profile)
    refused = 0
    for position in range(len(data)):
        for bit in range(8):
            damaged = bytearray(data)
            damaged[position] ^= 1 << bit
            try:
                read = serialization.loads(bytes(damaged), "x.voice")
            except StorageError:
                refused += 1
            else:
                # Version 0 is read like version 1.
                assert_same(read, profile)
    assert refused >= 8 * len(data) - 2


def test_a_file_holds_what_was_written(make_profile: MakeProfile, tmp_path: Path) -> None:
    path = tmp_path / "Édith 👩‍🎤.voice"
    serialization.write(make_profile(), path)
    assert_same(serialization.read(path), make_profile())
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_file_of_another_kind_is_not_overwritten(
    make_profile: MakeProfile, tmp_path: Path
) -> None:
    path = tmp_path / "take.flac"
    path.write_text("a recording")
    with pytest.raises(InputError) as caught:
        serialization.write(make_profile(), path)
    assert str(caught.value) == (
        f"{path}: the name of an exported voice ends in .voice; name it take.voice"
    )
    assert path.read_text() == "a recording"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        serialization.read(tmp_path / "none.voice")
    assert str(caught.value) == (
        f"{tmp_path / 'none.voice'}: can't be read (No such file or directory); check the path"
    )


def test_a_device_is_not_read() -> None:
    with pytest.raises(InputError) as caught:
        serialization.read(os.devnull)
    assert str(caught.value) == (
        f"{os.devnull}: is a device or a pipe; give a file ending in .voice"
    )


def test_a_file_too_large_is_refused_without_reading_it_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serialization, "MAX_PROFILE_BYTES", 1_000_000)
    path = tmp_path / "large.voice"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(StorageError) as caught:
        serialization.read(path)
    assert str(caught.value) == (
        f"{path}: larger than the 1 MB that a voice may have; "
        "give a file that `autovoice voices export` wrote"
    )


def test_a_profile_too_large_is_refused(make_profile: MakeProfile) -> None:
    # Zeros that are never touched take no memory.
    profile = make_profile(features={"huge": np.zeros(600_000_000, np.uint8)})
    with pytest.raises(InputError) as caught:
        serialization.dumps(profile)
    assert str(caught.value) == (
        "'iona': 600 MB of features are more than the 533 MB allowed; give fewer recordings"
    )


def test_a_disk_that_fills_up_leaves_no_file(make_profile: MakeProfile, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="this system has no limits on files")
    profile = make_profile(features={"frames": np.zeros(100_000, np.float32)})
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(InputError) as caught:
            serialization.write(profile, tmp_path / "x.voice")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert str(caught.value) == (
        f"{tmp_path / 'x.voice'}: writing stopped (File too large); "
        "raise the limit of a file's size (ulimit -f) or choose another place"
    )
    assert list(tmp_path.iterdir()) == []
