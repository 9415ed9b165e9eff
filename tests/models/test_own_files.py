"""Files of weights that a user has: no hash is known of them, so their size is checked first."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model_server import BODY, TENSORS

from autovoice_core import ModelError, models


@pytest.fixture(params=[models.read_safetensors_file, models.read_torch_file])
def read(request: pytest.FixtureRequest) -> Callable[..., Any]:
    reader: Callable[..., Any] = request.param
    if reader is models.read_torch_file:
        pytest.importorskip("torch")
    return reader


def refusal(read: Callable[..., Any], file: Path, max_bytes: int = 10_000) -> str:
    with pytest.raises(ModelError) as caught:
        read(file, max_bytes=max_bytes)
    return str(caught.value)


def test_arrays_and_metadata_come_out_of_safetensors(tmp_path: Path) -> None:
    file = tmp_path / "voice.safetensors"
    file.write_bytes(BODY)
    arrays, metadata = models.read_safetensors_file(file, "numpy", max_bytes=len(BODY))
    assert metadata == {"made": "for tests"}
    np.testing.assert_array_equal(arrays["kernel"], TENSORS["kernel"])


def test_tensors_come_out_of_an_archive(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    file = tmp_path / "voice.pth"
    torch.save({"weight": torch.arange(6.0), "sr": "40k"}, file)
    found = models.read_torch_file(file, max_bytes=10_000)
    assert found["sr"] == "40k"
    assert torch.equal(found["weight"], torch.arange(6.0))


def test_a_file_of_more_bytes_than_are_read_is_refused(
    read: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "voice.pth"
    file.write_bytes(bytes(12_000))
    assert refusal(read, file) == (
        f"{file}: it has 12 kB, more than the 10 kB that are read of such a file; "
        "give the file that you meant"
    )


def test_a_file_that_is_not_there_is_refused(read: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "voice.pth"
    assert refusal(read, file) == f"{file}: can't be read (No such file or directory)"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
def test_a_fifo_is_refused_and_not_waited_for(read: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "voice.pth"
    os.mkfifo(file)
    assert refusal(read, file) == (
        f"{file}: can't be read (it is no file but a FIFO, a device or a socket)"
    )


def test_a_folder_is_refused(read: Callable[..., Any], tmp_path: Path) -> None:
    assert refusal(read, tmp_path) == f"{tmp_path}: can't be read (Is a directory)"


class Bomb:
    """What a hostile pickle is: it runs what it likes when it is read."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("exploded"),))


def test_a_pickle_is_refused_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "voice.pth"
    file.write_bytes(pickle.dumps(Bomb()))
    assert refusal(models.read_torch_file, file) == (
        f"{file}: is not a PyTorch archive (it does not begin as one); "
        "download it again, or ask its authors for safetensors"
    )
    assert not Path("exploded").exists()


def test_an_archive_that_holds_code_is_refused_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "voice.pth"
    torch.save({"weight": Bomb()}, file)
    assert refusal(models.read_torch_file, file).startswith(
        f"{file}: holds more than arrays, and may run code (Unsupported global: GLOBAL "
    )
    assert not Path("exploded").exists()


def test_a_cut_file_of_safetensors_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "voice.safetensors"
    file.write_bytes(BODY[:-1])
    text = refusal(models.read_safetensors_file, file, len(BODY))
    assert text.startswith(f"{file}: is not safetensors (")
    assert text.endswith("); download it again, or ask its authors for safetensors")
