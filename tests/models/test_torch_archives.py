from __future__ import annotations

import io
import struct
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
from model_server import pinned

from autovoice_core import ModelError, models
from autovoice_core.backends import Weights

torch = pytest.importorskip("torch")


def kept(body: bytes, tmp_path: Path) -> Weights:
    """Return weights of these bytes, which are in their place."""
    source = tmp_path / "source"
    source.write_bytes(body)
    weights = pinned(body)
    models.get(weights, source=source)
    return weights


def refusal(body: bytes, tmp_path: Path) -> str:
    """Return what is said of an archive, in brackets."""
    weights = kept(body, tmp_path)
    with pytest.raises(ModelError) as caught:
        models.read_torch(weights)
    begin, _, rest = str(caught.value).partition(" (")
    reason, _, end = rest.rpartition("); ")
    assert (begin, end) in {
        (f"{weights.place}: is not a PyTorch archive", "report it to the plugin's authors"),
        (
            f"{weights.place}: holds more than arrays, and may run code",
            "ask its authors for safetensors",
        ),
    }
    return reason


def archive(pickled: bytes, *more: str, name: str = "archive/data.pkl") -> bytes:
    """Return an archive of this pickle and 16 bytes of arrays."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as file:
        for each, content in [
            (name, pickled),
            ("archive/data/0", bytes(16)),
            ("archive/version", b"3\n"),
        ]:
            file.writestr(each, content)
        for each in more:
            file.writestr(each, bytes(16))
    return memory.getvalue()


def saved(content: Any) -> bytes:
    memory = io.BytesIO()
    torch.save(content, memory)
    return memory.getvalue()


def named(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def whole(*values: int) -> bytes:
    """Return opcodes of a tuple of whole numbers."""
    return b"(" + b"".join(b"\x8a\x0a" + v.to_bytes(10, "little") for v in values) + b"t"


STORAGE = b"(" + text("storage") + named("torch", "FloatStorage") + text("0") + text("cpu")
STORAGE += b"K\x04tQ"
REST = b"\x89" + named("collections", "OrderedDict") + b")R"


def tensor(storage: bytes, size: int, stride: int) -> bytes:
    """Return opcodes of a tensor."""
    arguments = storage + b"K\x00" + whole(size) + whole(stride) + REST
    return named("torch._utils", "_rebuild_tensor_v2") + b"(" + arguments + b"tR"


def test_state_dicts_come_out_as_they_went_in(tmp_path: Path) -> None:
    network = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    shared = network[0].weight
    content = {
        "state": network.state_dict(),
        "parameters": OrderedDict(first=shared, second=shared),
        "types": [torch.zeros(3, dtype=kind) for kind in (torch.bfloat16, torch.bool, torch.half)],
        "settings": {"rate": 44_100, "loss": 0.5, "shape": (1, (2, 3)), "big": 2**40, "none": None},
        3: [True, False, [], {}, ()],
        "view": torch.arange(12.0).reshape(3, 4).T,
    }
    found = models.read_torch(kept(saved(content), tmp_path))
    assert found["settings"] == content["settings"]
    assert found[3] == content[3]
    assert found["parameters"]["first"] is found["parameters"]["second"]
    assert torch.equal(found["view"], content["view"])
    assert [each.dtype for each in found["types"]] == [torch.bfloat16, torch.bool, torch.half]
    network.load_state_dict(found["state"])


def test_the_archives_of_these_tests_are_read(tmp_path: Path) -> None:
    found = models.read_torch(kept(archive(b"\x80\x02" + tensor(STORAGE, 4, 1) + b"."), tmp_path))
    assert torch.equal(found, torch.zeros(4))


DOUBLED = b")q\x00" + b"".join(b"h%ch%c\x86q%c" % (k, k, k + 1) for k in range(60))


@pytest.mark.parametrize(
    ("opcodes", "reason"),
    [
        (b"}" + DOUBLED + b"K\x01s", "its pickle has a tuple of more than 256 values"),
        (b")" + b"\x85" * 1000, "its pickle has a tuple of more than 256 values"),
        (b"(" * 101, "its pickle is more than 100 deep"),
        (b"]" + b"Na" * 125_000, "its pickle has more than 250,000 opcodes"),
        (named("o" * 300, "x"), "its pickle names a class in 302 characters"),
        (named("os", "\x1bsystem"), r"Unsupported global: GLOBAL os.\x1bsystem"),
        (named("builtins", "bytearray"), "Unsupported global: GLOBAL builtins.bytearray"),
        (named("torch", "Tensor"), "Unsupported global: GLOBAL torch.Tensor"),
        (b"\x8e" + bytes(8), "Unsupported opcode: BINBYTES8"),
        (named("torch", "FloatStorage") + b"K\x09\x85R", "Unsupported call: torch.FloatStorage"),
        (tensor(b"N", 4, 1), "Unsupported call: torch._utils._rebuild_tensor_v2"),
        (tensor(STORAGE, 4, 1) + b"}b", "Unsupported state of what is no dict"),
        (b"\x85", "its pickle takes values that it does not have"),
        (
            tensor(STORAGE, 10**18, 0),
            "a tensor has 4,000,000,000,000,000,000 bytes, of which 16 are stored",
        ),
    ],
    ids=[
        *("doubled tuples", "deep tuples", "deep marks", "long", "long name", "function"),
        *("bytearray", "tensor by number", "opcode", "storage by number", "no storage"),
        *("state of a tensor", "too few values", "one number repeated"),
    ],
)
def test_what_no_state_dict_has_is_refused(tmp_path: Path, opcodes: bytes, reason: str) -> None:
    assert refusal(archive(b"\x80\x02" + opcodes + b"."), tmp_path) == reason


def test_a_pickle_of_another_protocol_is_refused(tmp_path: Path) -> None:
    assert refusal(archive(b"\x80\x03}."), tmp_path) == "Unsupported protocol: 3"


def test_a_pickle_of_many_megabytes_is_refused(tmp_path: Path) -> None:
    reason = refusal(archive(bytes(5_000_000)), tmp_path)
    assert reason == "its data.pkl has 5,000,000 bytes, more than the 4,194,304 that are read"


def with_two_directories(body: bytes) -> bytes:
    """Return an archive with a second directory after its own, as PyTorch and Python see one."""
    size, start = struct.unpack_from("<2L", body, len(body) - 10)
    return body[: start + size] + body[start:]


GOOD = archive(b"\x80\x02N.")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (with_two_directories(GOOD), "its directory is not where it should be"),
        (b"\x80\x02N." + GOOD, "it does not begin as one"),
        (GOOD + b"PK\x05\x06" + bytes(18), "its directory is not where it should be"),
        (GOOD[:-2] + b"\x02\x00hi", "it does not end as one"),
        (saved(1)[:-6] + bytes(6), "its ends contradict each other"),
        (b"PK\x03\x04", "unpack_from requires a buffer of at least 22 bytes"),
        (archive(b"N.", "archive/DATA.pkl"), "it holds 2 files data.pkl, not 1"),
        (archive(b"N.", name="data.pkl"), "it holds 0 files data.pkl, not 1"),
        (archive(b"N.", "archive/data/ab"), "it holds arrays that have no number"),
    ],
    ids=[
        *("two directories", "begin", "appended", "comment", "ends", "short"),
        *("two pickles", "no folder", "name"),
    ],
)
def test_archives_that_readers_see_differently_are_refused(
    tmp_path: Path, body: bytes, reason: str
) -> None:
    assert refusal(body, tmp_path).startswith(reason)


def test_compressed_arrays_are_refused(tmp_path: Path) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as file:
        file.writestr("archive/data.pkl", b"N.", zipfile.ZIP_DEFLATED)
    assert refusal(memory.getvalue(), tmp_path) == "its entries are compressed"


def test_a_lack_of_memory_is_told_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(torch, "load", full)
    assert refusal(GOOD, tmp_path) == "MemoryError"
