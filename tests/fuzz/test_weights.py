"""Weights of any bytes, signed by their true hash, are read, or refused in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from model_server import BODY, pinned

from autovoice_core import ModelError, models

Fuzz = Callable[..., None]

_numbers = st.one_of(st.integers(-2, 9), st.integers(-(2**65), 2**65))
_values = st.one_of(st.none(), st.booleans(), _numbers, st.text(max_size=4), st.lists(_numbers))
_entries = st.fixed_dictionaries(
    {
        "dtype": st.one_of(st.sampled_from(["F32", "BF16", "F8_E4M3", "BOOL", "U64"]), _values),
        "shape": st.one_of(st.lists(_numbers, max_size=3), _values),
        "data_offsets": st.one_of(st.tuples(_numbers, _numbers), _values),
    }
)
_headers = st.dictionaries(
    st.one_of(st.sampled_from(["a", "__metadata__"]), st.text(max_size=3)),
    st.one_of(_entries, _values, st.dictionaries(st.text(max_size=3), _values, max_size=2)),
    max_size=4,
)


@st.composite
def safetensors(draw: st.DrawFn) -> bytes:
    """Return a file whose header says anything, or a true one with other bytes in it."""
    if draw(st.booleans()):
        text = json.dumps(draw(_headers)).encode()
        return len(text).to_bytes(8, "little") + text + draw(st.binary(max_size=64))
    content = bytearray(BODY[:400])
    for place, value in draw(st.lists(st.tuples(st.integers(0, 399), st.integers(0, 255)))):
        content[place] = value
    return bytes(content)


def require_one_line(text: str, file: Path) -> None:
    assert text.startswith(f"{file}: ")
    assert "\n" not in text


@pytest.mark.usefixtures("store")
def test_weights_of_any_bytes_are_read_or_refused_in_one_line(fuzz: Fuzz, tmp_path: Path) -> None:
    source = tmp_path / "source"

    def check(content: bytes) -> None:
        source.write_bytes(content)
        weights = pinned(content)
        models.get(weights, source=source)
        try:
            arrays: Any = models.read_safetensors(weights, "numpy")[0]
            assert sum(array.nbytes for array in arrays.values()) <= len(content)
        except ModelError as error:
            require_one_line(str(error), weights.place)

    fuzz(safetensors(), check, examples=150)
