"""Forged voices, signed anew as the format does: each is refused in one line, or works."""

from __future__ import annotations

import copy
import json
import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import safetensors.numpy
from hypothesis import strategies as st

from autovoice_core import InputError, StorageError, VoiceProfileStorage
from autovoice_core.conversion.key import choose_key_from_median
from autovoice_core.voices import serialization
from autovoice_core.voices.checksums import digest

Fuzz = Callable[..., None]
Path_ = tuple[str | int, ...]

EDITH = Path(__file__).parents[1] / "voices" / "edith.voice"
LONGEST_LINE = 1000

_odd = st.sampled_from(
    [
        *(None, True, 0, -1, 10**400, -(10**400), 2**63, 5e-324, 0.1, 1e308, -144, 24),
        *(math.nan, math.inf, -math.inf, "", "5", "NaN", "1e999", "auto", "\ud800", "\x1b[2J"),
        *("\u202ea", "a\nb", "\x9b1m", "\u2028", "x" * 2000, "e\u0301" * 150_000, "ab" * 32),
        *([], {}, [[]], [{}], {"": ""}, [0.5] * 128, ["x"] * 1500, [None] * 20_000, "2026-01-02"),
        *({"mine/rvc": {"rate": 0.5}}, {"mine/rvc": []}, ["other/1"], {"other/1": 0}),
        *({"name": "x", "sha256": "ab" * 32, "seconds": 1}, {"encoder": "e", "version": "1"}),
    ]
)
_plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
_json = _odd | st.recursive(
    _plain, lambda some: st.lists(some, max_size=4) | st.dictionaries(st.text(), some, max_size=4)
)
_arrays = st.dictionaries(
    st.sampled_from(["embedding", "feature.x", "feature.", "more.0.x", "more.1.x", "more", "x", ""])
    | st.text(max_size=6),
    st.sampled_from(
        [
            *(np.zeros(0, np.float32), np.float32(1.5).reshape(()), np.ones((3, 2), np.float64)),
            *(np.array([np.nan], np.float32), np.array([np.inf]), np.array([True, False])),
            *(np.zeros((1,) * 20, np.int8), np.zeros(20_000, np.float32), np.ones(4, np.float32)),
        ]
    ),
    max_size=4,
)


def opened() -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
    """Return the metadata, the document and the arrays of a voice that uses all fields."""
    data = EDITH.read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    metadata = header["__metadata__"]
    return metadata, json.loads(metadata["profile"]), safetensors.numpy.load(data)


METADATA, DOCUMENT, ARRAYS = opened()
DOCUMENT |= {"settings": {"mine/rvc": {"rate": 0.5}}, "more_features": ["other/1"]}


def paths_in(value: Any, path: Path_ = ()) -> list[Path_]:
    """Return the path of every value in a document, itself included."""
    items: Any = []
    if isinstance(value, dict):
        items = [*value.items(), ("unheard_of", None)]
    elif isinstance(value, list):
        items = list(enumerate(value[:3]))
    return [path, *(each for key, item in items for each in paths_in(item, (*path, key)))]


def changed(document: Any, path: Path_, value: Any) -> Any:
    """Return a document with another value at a path, if it has such a place."""
    if not path:
        return value
    document = copy.copy(document)
    try:
        inner = document.get(path[0]) if isinstance(document, dict) else document[path[0]]
        document[path[0]] = changed(inner, path[1:], value)
    except (TypeError, IndexError, KeyError, AttributeError):
        pass  # an earlier change took the place away
    return document


def signed(document: str, arrays: dict[str, Any], **metadata: Any) -> bytes:
    """Return a voice file with a right checksum."""
    meta = METADATA | {"profile": document, "sha256": digest(document, arrays)} | metadata
    header: dict[str, Any] = {"__metadata__": meta}
    body = b""
    kinds = {"f4": "F32", "f8": "F64", "b1": "BOOL", "i1": "I8", "i4": "I32"}
    for name, values in arrays.items():
        start, body = len(body), body + values.tobytes()
        kind = kinds[values.dtype.str[1:]]
        offsets = [start, len(body)]
        header[name] = {"dtype": kind, "shape": values.shape, "data_offsets": offsets}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


_changes = st.lists(st.tuples(st.sampled_from(paths_in(DOCUMENT)), _json), min_size=1, max_size=3)


@st.composite
def forged_voices(draw: st.DrawFn) -> bytes:
    """Voices with other values, other arrays and another version, all signed."""
    document: Any = DOCUMENT
    for path, value in draw(_changes):
        document = changed(document, path, value)
    versions = st.sampled_from(["1", "2", "3", "-1", "4", "0x2", "９", "9" * 4000, "9" * 5000, ""])
    version = draw(st.just("3") | versions)
    return signed(json.dumps(document), ARRAYS | draw(_arrays), format_version=version)


@st.composite
def damaged_voices(draw: st.DrawFn) -> bytes:
    """Voices with some bytes of the header changed."""
    data = bytearray(EDITH.read_bytes())
    for position in draw(st.lists(st.integers(0, len(data) - 1), min_size=1, max_size=4)):
        data[position] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.just(len(data)) | st.integers(0, len(data)))])


def require_line(error: Exception) -> None:
    line = str(error)
    assert len(line.splitlines()) == 1
    assert len(line) < LONGEST_LINE
    line.encode()


def require_sound(data: bytes, folder: Path) -> None:
    """Check that a voice is refused in one line, or else can be kept, listed, shown and used."""
    try:
        profile = serialization.loads(data, "x.voice")
    except StorageError as error:
        require_line(error)
        return
    voices = VoiceProfileStorage(folder / "voices.db")
    try:
        voices.add(profile, replace=True)
    except InputError as error:  # too large
        require_line(error)
        return
    assert profile in [voices.get(voice.name) for voice in voices.list()]
    voices.remove(profile.name)
    assert len(repr(profile).splitlines()) == 1
    shown = attrs.asdict(profile, filter=lambda field, _: "features" not in field.name)
    shown["embedding"] = None
    json.dumps(shown, allow_nan=False).encode()
    if profile.embedding is not None:
        assert math.isfinite(profile.embedding.similarity(profile.embedding))
    assert "".join(profile.missing).isprintable()
    assert abs(choose_key_from_median(220.0, profile).semitones) <= 12


def test_a_voice_signed_anew_is_refused_or_works(fuzz: Fuzz, tmp_path: Path) -> None:
    require_sound(signed(json.dumps(DOCUMENT), ARRAYS), tmp_path)
    fuzz(forged_voices(), lambda data: require_sound(data, tmp_path), examples=150)


def test_a_damaged_voice_is_refused_or_works(fuzz: Fuzz, tmp_path: Path) -> None:
    fuzz(damaged_voices(), lambda data: require_sound(data, tmp_path), examples=150)
