"""Voice files of other formats, damaged ones, and files that are not voices."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core import StorageError, Style, VoiceProfile
from autovoice_core.voices import checksums, serialization

MakeProfile = Callable[..., VoiceProfile]


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
        "x.voice: damaged (its checksum is wrong); get an intact copy, or make the voice again "
        "from its recordings"
    )


@pytest.mark.parametrize("length", [60, 200, 1000])
def test_a_file_cut_in_its_header_is_damaged(make_profile: MakeProfile, length: int) -> None:
    with pytest.raises(StorageError) as caught:
        serialization.loads(serialization.dumps(make_profile())[:length], "x.voice")
    assert str(caught.value) == (
        "x.voice: damaged (its header is incomplete); get an intact copy, or make the voice again "
        "from its recordings"
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
    "x.voice: not a voice written by AutoVoice; export one with `autovoice voices export NAME FILE`"
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
        packed({"__metadata__": {"format": "pt"}})[:-3],
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
        "x.voice: damaged (it lacks 'format_version'); get an intact copy, or make the voice again "
        "from its recordings"
    )


def test_a_voice_of_the_first_format_is_sung_in_as_usual(make_profile: MakeProfile) -> None:
    data = serialization.dumps(make_profile(features={}, embedding=None))
    length = int.from_bytes(data[:8], "little")
    document = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["profile"])
    del document["style"]
    text = json.dumps(document)
    first = with_metadata(data, format_version="1", profile=text, sha256=checksums.digest(text, {}))
    assert serialization.loads(first, "x.voice").style == Style()


def test_a_newer_format_is_refused(make_profile: MakeProfile) -> None:
    data = with_metadata(serialization.dumps(make_profile()), format_version="7", profile="{}")
    with pytest.raises(StorageError) as caught:
        serialization.loads(data, "x.voice")
    assert str(caught.value) == (
        "x.voice: written by a newer AutoVoice (voice format 7, this one reads up to 3); "
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
        ("loudness", 10**400),
        ("f0_range", [10**400, 200, 300]),
        ("f0_range", [5e-324, 200, 300]),
        ("f0_range", [0.1, 0.1, 0.1]),
        ("feature_id", "\ud800"),
        ("heard", {}),
        ("heard", 0),
        ("heard", {"notes": [1.0] * 128, "dynamics": float("nan"), "noise": 0}),
        ("embedding", {}),
        ("embedding", 0),
        ("embedding", ""),
        ("recordings", [{"name": "x", "sha256": "ab" * 32, "seconds": 10**400}]),
        ("recordings", {}),
        ("more_features", {"a": 1}),
        ("style", {"key": -144}),
        ("style", {"seed": 10**400}),
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
            with_metadata(data, profile=forged, sha256=checksums.digest(forged, {})), "x.voice"
        )


@pytest.mark.parametrize("document", ["5", "null", '"x"', "[]", "NaN", "{", '{"name": NaN}'])
def test_a_document_that_is_no_profile_is_damaged(document: str) -> None:
    forged = with_metadata(
        packed({"__metadata__": {"format": "autovoice-voice", "format_version": "2"}}),
        profile=document,
        sha256=checksums.digest(document, {}),
    )
    with pytest.raises(StorageError, match=r"^x\.voice: damaged \("):
        serialization.loads(forged, "x.voice")


def test_the_reason_of_damage_is_one_short_line(make_profile: MakeProfile) -> None:
    data = serialization.dumps(make_profile(features={}, embedding=None))
    length = int.from_bytes(data[:8], "little")
    document = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["profile"])
    text = json.dumps(document | {"un\nheard" * 1000: 1})
    forged = with_metadata(data, profile=text, sha256=checksums.digest(text, {}))
    with pytest.raises(StorageError) as caught:
        serialization.loads(forged, "x.voice")
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 400


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_noise_is_never_a_profile(noise: bytes) -> None:
    with pytest.raises(StorageError):
        serialization.loads(noise, "x.voice")
    with pytest.raises(StorageError):
        serialization.loads(packed(noise, noise), "x.voice")
