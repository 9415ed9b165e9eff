from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autovoice_core import InputError, Provenance, StorageError, Style, VoiceProfile
from autovoice_core.voices import serialization
from autovoice_core.voices.profile import Embedding, Recording

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
# With the surrogates that stand for bytes nobody could decode in a file's name.
_any_text = st.text(st.characters())
_finite = st.floats(allow_nan=False, allow_infinity=False)
_profiles = st.builds(
    VoiceProfile,
    name=_names,
    features=st.dictionaries(st.text(max_size=8), _arrays, max_size=3),
    feature_id=_any_text,
    f0_range=st.tuples(*[st.floats(20, 2000)] * 3).map(sorted),
    loudness=_finite,
    voiced_seconds=_finite,
    recordings=st.lists(st.builds(Recording, _any_text, st.text(), _finite), max_size=3).map(tuple),
    consent=_any_text,
    provenance=_any_text,
    made_by=st.lists(st.builds(Provenance, *[st.text()] * 5), max_size=2).map(tuple),
    embedding=st.none()
    | st.builds(Embedding, st.text(), st.text(), npst.arrays(np.float32, 4, elements=st.just(0.5))),
    created=st.text(),
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


def test_a_file_cut_anywhere_is_noticed(make_profile: MakeProfile) -> None:
    data = serialization.dumps(make_profile())
    for length in range(len(data)):
        with pytest.raises(StorageError):
            serialization.loads(data[:length], "x.voice")


def test_a_damaged_file_says_so(make_profile: MakeProfile) -> None:
    data = bytearray(serialization.dumps(make_profile()))
    data[-1] ^= 1
    with pytest.raises(StorageError) as caught:
        serialization.loads(bytes(data), "x.voice")
    assert str(caught.value) == (
        "x.voice: damaged (its checksum is wrong); get a whole copy of it, or make the voice "
        "again from its recordings"
    )


def packed(header: object, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def with_metadata(data: bytes, **changes: str) -> bytes:
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"] |= changes
    return packed(header, data[8 + length :])


NOT_OURS = (
    "x.voice: not a voice that AutoVoice wrote; export one with `autovoice voices export NAME FILE`"
)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"RIFF____WAVEfmt " * 20,
        b"\xff" * 100,
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 2**40),
        packed({"__metadata__": {"format": "pt"}}),
        packed({"__metadata__": "autovoice-voice"}),
        packed({"x": 1}),
        packed([1]),
        packed(b"[" * 100_000),
        packed(b'{"__metadata__": ' + b'{"a":' * 50_000),
        packed(b"\xff\xfe{}"),
    ],
)
def test_a_foreign_file_is_refused(data: bytes) -> None:
    with pytest.raises(StorageError) as caught:
        serialization.loads(data, "x.voice")
    assert str(caught.value) == NOT_OURS


def test_a_header_without_its_parts_says_which(make_profile: MakeProfile) -> None:
    with pytest.raises(StorageError) as caught:
        serialization.loads(packed({"__metadata__": {"format": "autovoice-voice"}}), "x.voice")
    assert str(caught.value) == (
        "x.voice: damaged (it lacks 'format_version'); get a whole copy of it, or make the voice "
        "again from its recordings"
    )


def test_a_voice_of_the_first_format_is_sung_in_as_usual(make_profile: MakeProfile) -> None:
    data = serialization.dumps(make_profile(features={}, embedding=None))
    length = int.from_bytes(data[:8], "little")
    document = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["profile"])
    del document["style"]
    text = json.dumps(document)
    first = with_metadata(
        data, format_version="1", profile=text, sha256=serialization._digest(text, {})
    )
    assert serialization.loads(first, "x.voice").style == Style()


def test_a_newer_format_is_refused(make_profile: MakeProfile) -> None:
    data = with_metadata(serialization.dumps(make_profile()), format_version="7", profile="{}")
    with pytest.raises(StorageError) as caught:
        serialization.loads(data, "x.voice")
    assert str(caught.value) == (
        "x.voice: written by a newer AutoVoice (voice format 7, this one reads up to 2); "
        "upgrade autovoice-core"
    )


MINE = {"format": "autovoice-voice", "format_version": "1", "profile": "{}", "sha256": ""}


@pytest.mark.parametrize(
    "header",
    [
        {"__metadata__": MINE | {"format_version": "9" * 5000}},
        {"__metadata__": MINE | {"format_version": "one"}},
        {"__metadata__": MINE | {"format_version": None}},
        {"__metadata__": {"format": "autovoice-voice"}},
        {"__metadata__": MINE | {"profile": 3}},
        {"__metadata__": MINE, "a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 1 << 40]}},
        {"__metadata__": MINE, "a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 16]}},
        {"__metadata__": MINE, "a": {"dtype": "F32", "shape": [2**62, 8], "data_offsets": [0, 16]}},
        {"__metadata__": MINE, "a": {"dtype": "F32", "shape": [4], "data_offsets": [16, 0]}},
        {"__metadata__": MINE, "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}},
        {"__metadata__": MINE, "a": {"dtype": "BF16", "shape": [8], "data_offsets": [0, 16]}},
        {"__metadata__": MINE, "a": {"dtype": "O", "shape": [4], "data_offsets": [0, 16]}},
        {"__metadata__": MINE, "a": {"dtype": "F32"}},
        {
            "__metadata__": MINE,
            "a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]},
            "b": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]},
        },
    ],
)
def test_a_hostile_header_is_refused(header: object) -> None:
    with pytest.raises(StorageError, match=r"^x\.voice: damaged \("):
        serialization.loads(packed(header, b"\0" * 16), "x.voice")


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("name", ""),
        ("name", 5),
        ("f0_range", [1.0, 2.0]),
        ("f0_range", None),
        ("loudness", "loud"),
        ("loudness", float("nan")),
        ("recordings", [{"name": "x"}]),
        ("recordings", 3),
        ("made_by", [{"operation": "pitch"}]),
        ("embedding", {"encoder": "e", "version": "1"}),
        ("embedding", 5),
        ("format_version", 1),
        ("consent", None),
        ("style", {"formant": 99}),
        ("style", {"loud": 1}),
        ("style", None),
        ("unheard_of", 1),
    ],
)
def test_a_forged_profile_with_a_right_checksum_is_refused(
    make_profile: MakeProfile, change: str, value: object
) -> None:
    data = serialization.dumps(make_profile(features={}, embedding=None))
    length = int.from_bytes(data[:8], "little")
    document = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["profile"])
    forged = json.dumps(document | {change: value})
    with pytest.raises(StorageError, match=r"^x\.voice: damaged \("):
        serialization.loads(
            with_metadata(data, profile=forged, sha256=serialization._digest(forged, {})), "x.voice"
        )


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_noise_is_never_a_profile(noise: bytes) -> None:
    with pytest.raises(StorageError):
        serialization.loads(noise, "x.voice")
    with pytest.raises(StorageError):
        serialization.loads(packed(noise, noise), "x.voice")


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
    assert str(caught.value) == f"{path}: an exported voice ends in .voice; write take.voice"
    assert path.read_text() == "a recording"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        serialization.read(tmp_path / "none.voice")
    assert str(caught.value) == (
        f"{tmp_path / 'none.voice'}: can't be read (No such file or directory); check the path"
    )


def test_a_file_too_large_is_refused_without_reading_it_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serialization, "MAX_BYTES", 1_000_000)
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
        "'iona': 600 MB of features are more than the 520 MB allowed; give fewer recordings"
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
        "free some space on the disk or choose another place"
    )
    assert list(tmp_path.iterdir()) == []
