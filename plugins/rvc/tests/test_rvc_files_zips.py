"""Zips that are damaged or made to do harm are refused, within little memory."""

from __future__ import annotations

import io
import struct
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import pytest

from autovoice_core import ModelError
from autovoice_rvc.files import index as index_files
from autovoice_rvc.files import zips
from autovoice_rvc.files.shared_files import find_shared


def made(*files: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", compression) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name twice
        for name, content in files:
            archive.writestr(name, content)
    return memory.getvalue()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shared.zip"


def model_refusal(path: Path, content: bytes) -> str:
    """Return why the model in a zip is refused when it is read."""
    path.write_bytes(content)
    shared = find_shared(path)
    with pytest.raises(ModelError) as caught:
        shared.model.read(1 << 29, "")
    text = str(caught.value)
    assert text.startswith(f"{shared.model.path}: ")
    return text.removeprefix(f"{shared.model.path}: ")


def refusal(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        find_shared(path)
    assert str(caught.value).startswith(f"{path}: ")
    return str(caught.value).removeprefix(f"{path}: ")


def patched(content: bytes, place: int, value: bytes) -> bytes:
    """Return a zip with other bytes at a place of the entry in its directory."""
    start = content.rindex(b"PK\x01\x02") + place
    return content[:start] + value + content[start + len(value) :]


def test_names_that_lead_elsewhere_are_names_and_nothing_more(path: Path) -> None:
    path.write_bytes(made(("../../etc/\x1b[2Jana.pth", b"model")))
    shared = find_shared(path)
    assert shared.model.name == "\x1b[2Jana.pth"
    assert str(shared.model.path).endswith(r"\x1b[2Jana.pth")
    assert shared.model.read(10, "") == b"model"
    assert [each.name for each in path.parent.iterdir()] == ["shared.zip"]


def test_a_member_that_unpacks_to_very_much_is_refused(path: Path) -> None:
    tracemalloc.start()
    text = model_refusal(path, made(("ana.pth", bytes(300_000_000))))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert text == "would unpack to 300 MB from 292 kB, as no voice does; don't trust this zip"
    assert peak < 310_000_000  # of the test's own bytes


def test_a_member_that_says_less_than_it_has_is_refused(path: Path) -> None:
    content = patched(made(("ana.pth", b"x" * 1000)), 24, struct.pack("<L", 10))
    assert model_refusal(path, content) == (
        "can't be unpacked (Bad CRC-32 for file 'ana.pth'); download it again"
    )


def test_a_member_that_says_more_than_it_has_is_refused(path: Path) -> None:
    content = patched(made(("ana.pth", b"x" * 1000)), 24, struct.pack("<L", 1 << 19))
    assert model_refusal(path, content) == (
        "can't be unpacked (it is shorter than it says); download it again"
    )


def test_a_member_larger_than_a_model_is_refused(path: Path) -> None:
    path.write_bytes(made(("ana.pth", bytes(100_000))))
    shared = find_shared(path)
    with pytest.raises(ModelError) as caught:
        shared.model.read(50_000, "training checkpoints are")
    assert str(caught.value) == (
        f"{shared.model.path}: it has 100 kB, more than the 50 kB that are read of such a file; "
        "training checkpoints are"
    )


def test_an_index_larger_than_is_read_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_files, "MAX_INDEX_BYTES", 1000)
    path.write_bytes(made(("ana.pth", b""), ("ana.index", bytes(2000))))
    (index,) = find_shared(path).indexes
    with pytest.raises(ModelError) as caught, index.open():
        pass
    assert str(caught.value) == (
        f"{index.path}: has 2 kB, more than the 1 kB that are read of an index"
    )


def test_a_password_is_refused(path: Path) -> None:
    content = patched(made(("ana.pth", b"model")), 8, b"\x01\x00")
    assert model_refusal(path, content) == ("needs a password; unpack the zip, and give the folder")


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(path: Path, compression: int) -> None:
    content = made(("ana.pth", b"model"), compression=compression)
    assert model_refusal(path, content) == (
        "is packed in a way that is not read; unpack the zip, and give the folder"
    )


def test_two_files_of_one_name_are_refused(path: Path) -> None:
    assert refusal(path, made(("ana.pth", b"good"), ("ana.pth", b"bad"))) == (
        "holds two files ana.pth, so that nobody knows which is meant; unpack it, and give the "
        "model's own file"
    )


def test_very_many_files_are_refused(path: Path) -> None:
    content = made(*((f"{number}.wav", b"") for number in range(1001)))
    assert refusal(path, content) == (
        "holds 1,001 files, more than the 1,000 that are looked at; give the model's own file"
    )


def test_a_directory_of_very_many_files_is_not_read(path: Path) -> None:
    # Names of 65 kB each: a directory of 2 MB.
    content = made(*((f"{number}{'x' * 65_000}", b"") for number in range(32)))
    path.write_bytes(content)
    with path.open("rb") as stream:
        assert zips.is_torch_archive(stream)  # so that it is not taken apart
    with pytest.raises(ModelError) as caught:
        zips.members(path)
    assert str(caught.value) == (
        f"{path}: can't be unpacked (its directory is too large); download it again"
    )


def test_a_zip_that_is_cut_is_left_to_the_reader_of_models(path: Path) -> None:
    path.write_bytes(made(("ana.pth", b"model"))[:-30])
    assert find_shared(path).model.path == path
