"""The script that trains the network for phones, on a little of what it is meant for."""

from __future__ import annotations

import runpy
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from autovoice_core.conversion.retrieval.phones import WEIGHTS

pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("pocketsphinx", reason="the teacher is in pocketsphinx")
SCRIPT = Path(__file__).parents[2] / "training" / "phones.py"


@pytest.fixture
def speaker(shared_data: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "reader"
    folder.mkdir()
    shutil.copy(shared_data / "voices" / "vctk_p225" / "p225_003.flac", folder)
    return folder


def train(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *map(str, arguments)])
    runpy.run_path(str(SCRIPT), run_name="__main__")


def test_training_twice_makes_the_same_network_of_the_shape_that_is_used(
    speaker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for name in ("one", "two"):
        out = tmp_path / name
        train(monkeypatch, speaker, "--epochs", 3, "--out", out)
        made.append(safetensors.numpy.load_file(out))
    used = safetensors.numpy.load_file(WEIGHTS)
    assert {name: each.shape for name, each in made[0].items()} == {
        name: each.shape for name, each in used.items()
    }
    for name, each in made[0].items():
        np.testing.assert_array_equal(each, made[1][name])


def test_training_lowers_the_loss(
    speaker: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    train(monkeypatch, speaker, "--epochs", 12, "--out", tmp_path / "network")
    losses = [
        float(line.split(": ")[1].split()[0]) for line in capsys.readouterr().out.splitlines()
    ]
    assert np.mean(losses[-3:]) < np.mean(losses[:3]) - 0.2


def test_recordings_at_another_rate_are_refused(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shared_data / "voices" / "iona"
    with pytest.raises(SystemExit) as caught:
        train(monkeypatch, folder)
    first = folder / "iona_1.flac"
    assert str(caught.value) == f"{first}: it has 44100 Hz; give recordings of 16000 Hz"
