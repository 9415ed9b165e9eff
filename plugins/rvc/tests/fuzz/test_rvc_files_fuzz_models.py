"""Models and zips of any bytes are refused in one line, and nothing in them is run."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from hypothesis import strategies as st
from mutations import mutated
from rvc_index_files import MADE_BY_FAISS
from rvc_model_files import V2_40K, archive, config, description

from autovoice_core import InputError, ModelError
from autovoice_core._printable import printable
from autovoice_rvc.files.checkpoint import parse_checkpoint
from autovoice_rvc.files.voice import read_voice

Fuzz = Callable[..., None]

FILE = Path("voice.pth")
LITTLE = {"emb_g.weight": torch.zeros(1, 256), "dec.cond.bias": torch.zeros(3)}
ORIGINALS = [
    archive({"weight": LITTLE, **description()}),
    archive({"model": LITTLE, "iteration": 1, "optimizer": {}, "learning_rate": 0.1}),
]


def pickle_of(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        return found.read("archive/data.pkl")


def with_pickle(pickled: bytes) -> bytes:
    """Return the first archive with another pickle in it, and all sums right."""
    memory = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(ORIGINALS[0])) as old, zipfile.ZipFile(memory, "w") as new:
        for name in old.namelist():
            new.writestr(name, pickled if name.endswith("data.pkl") else old.read(name))
    return memory.getvalue()


PICKLES = [pickle_of(content) for content in ORIGINALS]
_ENDS = [[*range(100), *range(len(content) - 200, len(content))] for content in ORIGINALS]
_ALL = [range(len(content)) for content in PICKLES]

_plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=6),
    st.sampled_from(["v1", "v2", "40k", "48000", "1", *config(V2_40K)]),
)
_values = st.recursive(
    _plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(_plain.filter(lambda key: not isinstance(key, list)), inner, max_size=3),
    ),
    max_leaves=8,
)


@st.composite
def described(draw: st.DrawFn) -> bytes:
    """Return a model whose description, or the names of whose weights, are anything."""
    found: dict[Any, Any] = {"weight": dict(LITTLE), **description()}
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.one_of(st.sampled_from([*found, "vocoder", "embedder_model"]), _plain_names))
        found[name] = draw(_values)
    if draw(st.booleans()):
        found["config"] = [*config(V2_40K)]
        found["config"][draw(st.integers(0, 17))] = draw(_values)
    return archive(found)


_plain_names = st.one_of(st.text(max_size=5), st.integers(), st.none())


@st.composite
def safetensors(draw: st.DrawFn) -> bytes:
    """Return a file of safetensors whose metadata says anything."""
    metadata = draw(
        st.dictionaries(
            st.sampled_from(["sr", "f0", "version", "config", "config_json", "sample_rate", "x"]),
            st.one_of(
                st.text(max_size=6), _plain.map(lambda value: json.dumps(value, default=str))
            ),
        )
    )
    entry = {"dtype": "F16", "shape": [1, 256], "data_offsets": [0, 512]}
    text = json.dumps({"__metadata__": metadata, "emb_g.weight": entry}).encode()
    return len(text).to_bytes(8, "little") + text + bytes(512)


def require_one_line(text: str, beginning: str) -> None:
    assert text.startswith(beginning)
    assert text == printable(text)
    assert len(text) < 2000


def check(content: bytes) -> None:
    try:
        parse_checkpoint(content, FILE)
    except ModelError as error:
        require_one_line(str(error), "voice.pth: ")
    else:
        raise AssertionError("a model of next to nothing was read")


def test_an_archive_of_any_bytes_is_refused_in_one_line(fuzz: Fuzz) -> None:
    fuzz(mutated(ORIGINALS, _ENDS), check, examples=200)


def test_an_archive_of_any_pickle_is_refused_in_one_line(fuzz: Fuzz) -> None:
    fuzz(mutated(PICKLES, _ALL).map(with_pickle), check, examples=400)


def test_a_bare_pickle_is_refused_in_one_line(fuzz: Fuzz) -> None:
    fuzz(mutated(PICKLES, _ALL), check, examples=200)


def test_a_model_that_says_anything_of_itself_is_refused_in_one_line(fuzz: Fuzz) -> None:
    fuzz(described(), check, examples=300)


def test_safetensors_that_say_anything_of_themselves_are_refused_in_one_line(fuzz: Fuzz) -> None:
    fuzz(safetensors(), check, examples=200)


def zipped() -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as new:
        new.writestr("ana/ana.pth", ORIGINALS[0])
        new.writestr("ana/added.index", (MADE_BY_FAISS / "ivf_sparse.index").read_bytes())
        new.writestr("ana/LICENSE", "CC0")
    return memory.getvalue()


def test_a_zip_of_any_bytes_is_refused_in_one_line(fuzz: Fuzz, tmp_path: Path) -> None:
    content, path = zipped(), tmp_path / "ana.zip"
    ends = [*range(60), *range(len(content) - 250, len(content))]

    def check_zip(changed: bytes) -> None:
        path.write_bytes(changed)
        try:
            read_voice(path)
        except (ModelError, InputError) as error:
            require_one_line(str(error), str(path))
        else:
            raise AssertionError("a model of next to nothing was read")

    fuzz(mutated([content], [ends]), check_zip, examples=200)
