"""The script that trains the network for phones, on a little of what it is meant for."""

from __future__ import annotations

import re
import runpy
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
import soundfile
from scripts import scripts_of

from autovoice_core.conversion.retrieval.phones import WEIGHTS

pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("pocketsphinx", reason="the teacher is in pocketsphinx")
SCRIPT = Path(__file__).parents[2] / "training" / "phones.py"


@pytest.fixture(autouse=True)
def siblings() -> Iterator[None]:
    """Let scripts import their siblings, as when they are run."""
    with scripts_of(SCRIPT.parent):
        yield


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
    losses = [float(line.split()[3]) for line in capsys.readouterr().out.splitlines()]
    assert np.mean(losses[-3:]) < np.mean(losses[:3]) - 0.2


def test_one_reader_in_sixteen_is_left_out_to_measure_the_loss(
    speaker: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (recording,) = speaker.iterdir()
    samples, rate = soundfile.read(recording, frames=32_000)
    for number in range(16):
        folder = tmp_path / f"reader_{number:02}"
        folder.mkdir()
        soundfile.write(folder / "sentence.flac", samples, rate)
    out = tmp_path / "network"
    credit = ("--credit", "a bank of readers")
    train(monkeypatch, *sorted(tmp_path.glob("reader_*")), "--epochs", 1, "--out", out, *credit)
    assert re.fullmatch(
        r"1 of 1: \d\.\d{3} nats, \d\.\d{3} of readers left out\n", capsys.readouterr().out
    )
    with safetensors.safe_open(out, "numpy") as file:
        metadata = file.metadata()
    assert metadata["credit"] == "a bank of readers"
    assert metadata["left out"] == "reader_15"
    assert metadata["speakers"].split() == [f"reader_{number:02}" for number in range(15)]


def test_recordings_at_another_rate_are_refused(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shared_data / "voices" / "iona"
    with pytest.raises(SystemExit) as caught:
        train(monkeypatch, folder)
    first = folder / "iona_1.flac"
    assert str(caught.value) == f"{first}: it has 44100 Hz; give recordings of 16000 Hz"
