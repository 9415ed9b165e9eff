from __future__ import annotations

import io
import json
import pickle
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_server import BODY, TENSORS, pinned

from autovoice_core import ModelError, models
from autovoice_core.backends import Weights


def kept(body: bytes, tmp_path: Path, **changes: Any) -> Weights:
    """Return weights of these bytes, which are in their place."""
    weights = pinned(body, **changes)
    source = tmp_path / "source"
    source.write_bytes(body)
    models.get(weights, source=source)
    return weights


def test_arrays_and_metadata_come_out_as_they_went_in(tmp_path: Path) -> None:
    arrays, metadata = models.read_safetensors(kept(BODY, tmp_path), "numpy")
    assert metadata == {"made": "for tests"}
    assert arrays.keys() == TENSORS.keys()
    np.testing.assert_array_equal(arrays["kernel"], TENSORS["kernel"])


def test_a_file_that_was_changed_after_it_was_fetched_is_not_read(tmp_path: Path) -> None:
    weights = kept(BODY, tmp_path)
    weights.place.write_bytes(b"x" * len(BODY))
    with pytest.raises(ModelError, match="has the SHA-256"):
        models.read_safetensors(weights, "numpy")


class Bomb:
    """What a hostile pickle is: it runs what it likes when it is read."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("exploded"),))


@pytest.mark.parametrize(
    "body",
    [
        BODY[:100],  # the header is cut
        BODY[:-1],
        (2**63 - 1).to_bytes(8, "little") + b"{}",  # a header of eight exabytes
        pickle.dumps(Bomb()),
        b"PK\x03\x04" + bytes(100),
        b"\0",
    ],
    ids=["cut header", "cut arrays", "endless header", "pickle", "zip", "one byte"],
)
def test_what_is_no_safetensors_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    weights = kept(body, tmp_path)
    with pytest.raises(ModelError) as caught:
        models.read_safetensors(weights, "numpy")
    text = str(caught.value)
    assert text.startswith(f"{weights.place}: is not safetensors (")
    assert text.endswith("); report it to the plugin's authors")
    assert not Path("exploded").exists()


def with_header(header: dict[str, Any], arrays: bytes = b"") -> bytes:
    """Return a file of safetensors with a header that may be wrong."""
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + arrays


@pytest.mark.parametrize(
    "body",
    [
        with_header({"a": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}}, bytes(2)),
        with_header({"a": {"dtype": "F32", "shape": [0, 2**63], "data_offsets": [0, 0]}}),
        with_header({"a": {"dtype": "F4", "shape": [2], "data_offsets": [0, 1]}}, bytes(1)),
    ],
    ids=["a type that NumPy lacks", "an endless shape of nothing", "half bytes"],
)
def test_arrays_that_numpy_cannot_hold_are_refused(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(ModelError, match=r"is not safetensors \("):
        models.read_safetensors(kept(body, tmp_path), "numpy")


@pytest.mark.parametrize(
    ("arrays", "name", "text"),
    [
        (10_001, "{}", "it holds 10,001 arrays, more than the 10,000 that are read"),
        (9_999, "{:0500}", "its header has 5,599,440 bytes, more than the 4,194,304 that are read"),
    ],
)
def test_more_arrays_than_a_network_has_are_refused(
    tmp_path: Path, arrays: int, name: str, text: str
) -> None:
    nothing = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
    body = with_header({name.format(number): nothing for number in range(arrays)})
    weights = kept(body, tmp_path)
    with pytest.raises(ModelError) as caught:
        models.read_safetensors(weights, "numpy")
    assert str(caught.value) == f"{weights.place}: {text}; report it to the plugin's authors"


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_of_an_archive_with_a_damaged_pickle_no_other_error_escapes(
    tmp_path: Path, data: st.DataObject
) -> None:
    original = saved({"weight": 1, "layers": [2.0, "three"], "deep": {"x": (None, True)}})
    memory = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(original)) as old, zipfile.ZipFile(memory, "w") as new:
        for name in old.namelist():
            part = bytearray(old.read(name))
            if name.endswith("data.pkl"):
                places = st.tuples(st.integers(0, len(part) - 1), st.integers(0, 255))
                for place, value in data.draw(st.lists(places, min_size=1, max_size=8)):
                    part[place] = value
            new.writestr(name, bytes(part))
    body = memory.getvalue()
    with suppress(ModelError):
        models.read_torch(kept(body, tmp_path, url=f"https://example.org/{zlib.crc32(body)}.pt"))


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    weights = kept(pickle.dumps(Bomb()), tmp_path)
    with pytest.raises(ModelError) as caught:
        models.read_torch(weights)
    assert str(caught.value) == (
        f"{weights.place}: is not a PyTorch archive (it does not begin as one); "
        "report it to the plugin's authors"
    )


def test_an_archive_that_unpacks_to_more_than_it_is_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(10_000_000))
    weights = kept(memory.getvalue(), tmp_path)
    with pytest.raises(ModelError) as caught:
        models.read_torch(weights)
    assert str(caught.value) == (
        f"{weights.place}: is not a PyTorch archive (it would unpack to 10000000 bytes); "
        "report it to the plugin's authors"
    )


def test_an_archive_of_very_many_entries_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    weights = kept(b"PK\x01\x02" * 10_001, tmp_path)
    with pytest.raises(ModelError) as caught:
        models.read_torch(weights)
    assert str(caught.value) == (
        f"{weights.place}: it holds 10,001 entries, more than the 10,000 that are read; "
        "report it to the plugin's authors"
    )


def saved(content: Any) -> bytes:
    torch = pytest.importorskip("torch")
    memory = io.BytesIO()
    torch.save(content, memory)
    return memory.getvalue()


def test_tensors_of_an_archive_come_out_as_they_went_in(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    state = {"weight": torch.arange(6.0).reshape(2, 3)}
    found = models.read_torch(kept(saved(state), tmp_path))
    assert torch.equal(found["weight"], state["weight"])


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ({"klass": Weights}, "autovoice_core.backends.weights.Weights"),
        (Bomb(), "pathlib.Path.touch|__builtin__.getattr"),
    ],
)
def test_an_archive_that_holds_code_is_refused_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: Any, wanted: str
) -> None:
    monkeypatch.chdir(tmp_path)
    weights = kept(saved(content), tmp_path)
    with pytest.raises(ModelError, match=rf"may run code \(Unsupported global: GLOBAL ({wanted})"):
        models.read_torch(weights)
    assert not Path("exploded").exists()


def test_a_cut_archive_is_refused(tmp_path: Path) -> None:
    body = saved({"weight": 1})
    weights = kept(body[: len(body) // 2], tmp_path)
    with pytest.raises(ModelError, match="is not a PyTorch archive"):
        models.read_torch(weights)


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("letter.txt", "dear reader")
    weights = kept(memory.getvalue(), tmp_path)
    with pytest.raises(ModelError) as caught:
        models.read_torch(weights)
    assert str(caught.value) == (
        f"{weights.place}: is not a PyTorch archive (it holds 0 files data.pkl, not 1); "
        "report it to the plugin's authors"
    )
