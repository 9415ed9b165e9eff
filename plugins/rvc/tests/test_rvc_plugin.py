"""The plugin as AutoVoice finds it: its offers, its reader of voices, and what it makes of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from random_rvc_files import write_rvc
from rvc_index_files import flat
from toy_plugin import hold_to_contract, installed_toy
from toy_rvc import OFFERS, architecture

from autovoice_core import Audio, NoBackend, SingingVoiceConverter, VoiceProfileStorage, select
from autovoice_core.backends import catalogue
from autovoice_core.backends.plugins.registry import Registry, using_registry
from autovoice_core.cli import main
from autovoice_core.synthetic import truth
from autovoice_rvc.weights import CONTENTVEC, RMVPE

HELPERS = Path(__file__).with_name("helpers")
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home without voices or weights, and with all plugins enabled."""
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AUTOVOICE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("AUTOVOICE_PLUGINS", "all")
    with using_registry(Registry()):
        yield


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A plugin whose converter ``toy/v2`` needs no weights to hear by."""
    with installed_toy(tmp_path / "site", monkeypatch, OFFERS) as site:
        yield site


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model of v2 at 32 kHz of the true shapes, with its index in a folder."""
    return shared_voice(tmp_path / "shared", "v2 32k")


def shared_voice(folder: Path, name: str) -> Path:
    folder.mkdir()
    sizes = architecture(name)
    vectors = np.random.default_rng(0).standard_normal((20, sizes.content_size)).astype(np.float32)
    (folder / "added_ana.index").write_bytes(flat(vectors))
    return write_rvc(folder / "ana.pth", sizes, seed=1, info="100epoch")


def voices(*arguments: object) -> int:
    return main(["voices", *map(str, arguments)])


@pytest.mark.parametrize(
    ("operation", "backend", "weights", "size"),
    [
        ("conversion", "rvc/v1", CONTENTVEC, 378),
        ("conversion", "rvc/v2", CONTENTVEC, 378),
        ("pitch", "rvc/rmvpe", RMVPE, 181),
    ],
)
def test_the_networks_are_unavailable_until_their_weights_are_here(
    operation: str, backend: str, weights: object, size: int
) -> None:
    (entry,) = (entry for entry in catalogue().offers if entry.name == backend)
    assert entry.offer.opt_in
    name = entry.offer.weights[0].name
    assert entry.offer.weights == (weights,)
    with pytest.raises(NoBackend) as caught:
        select(operation, name=backend)  # type: ignore[arg-type]
    assert (
        f"{backend} (autovoice-rvc 0.1.0) needs the weights {name} ({size} MB, licence MIT), "
        f"which are not on this machine; run `autovoice models get {name}`"
    ) in str(caught.value)


def test_asking_what_is_offered_does_not_import_torch() -> None:
    code = (
        "import sys; from autovoice_core.backends import catalogue; names = "
        "[entry.name for entry in catalogue().offers]; assert 'rvc/v2' in names; "
        "assert not {'torch', 'scipy', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_model_is_read_without_weights_to_hear_by(model: Path, capsys: Captured) -> None:
    assert voices("add", "ana", "--rvc", model.parent, "--range", "A2:E4") == 0
    printed = capsys.readouterr()
    assert printed.out == (
        "added ana: rvc/2, range A2 to E4 (110 to 330 Hz)\n"
        "its files: RVC v2, 32k, with f0, index of 20 vectors\n"
    )
    assert not printed.err
    assert voices("show", "ana") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "provenance RVC v2, 32k, with f0, index of 20 vectors training: 100epoch " in shown
    voice = VoiceProfileStorage().get("ana")
    assert voice.feature_ids == ("rvc/2",)
    assert voice.features["index.vectors"].shape == (20, 768)
    size = sum(values.nbytes for values in voice.features.values())
    assert size == pytest.approx(model.stat().st_size, rel=0.05)
    path = model.with_suffix(".voice")
    assert voices("export", "ana", path) == 0
    assert path.stat().st_size == pytest.approx(size, rel=0.01)


def test_a_voice_of_v1_is_read_too(capsys: Captured, tmp_path: Path) -> None:
    model = shared_voice(tmp_path / "shared", "v1 40k")
    assert voices("add", "ana", "--rvc", model.parent, "--range", "A2:E4") == 0
    assert capsys.readouterr().out == (
        "added ana: rvc/1, range A2 to E4 (110 to 330 Hz)\n"
        "its files: RVC v1, 40k, with f0, index of 20 vectors\n"
    )
    voice = VoiceProfileStorage().get("ana")
    assert voice.features["index.vectors"].shape == (20, 256)
    with pytest.raises(NoBackend, match="'rvc/v1', named by the voice 'ana', can't serve"):
        SingingVoiceConverter().for_voice(voice)


def test_a_voice_without_f0_is_read_with_a_warning(capsys: Captured, tmp_path: Path) -> None:
    model = write_rvc(tmp_path / "ana.pth", architecture("v2 32k without f0"), seed=1)
    assert voices("add", "ana", "--rvc", model, "--range", "A2:E4", "--provenance", "a gift") == 0
    printed = capsys.readouterr()
    assert printed.err == (
        f"autovoice: warning: {model}: was trained without f0, so it follows neither the melody "
        "nor the key of a song; to sing, ask for a voice that was trained with f0\n"
    )
    assert printed.out == (
        "added ana: rvc/2, range A2 to E4 (110 to 330 Hz)\n"
        "its files: RVC v2, 32k, without f0, no index\n"
    )


def test_a_voice_is_sung_after_its_file_is_gone_and_on_another_machine(
    model: Path, toy: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert voices("add", "ana", "--rvc", model, "--range", "A2:E4") == 0
    assert voices("export", "ana", tmp_path / "ana.voice") == 0
    for path in model.parent.iterdir():
        path.unlink()
    here = VoiceProfileStorage().get("ana")
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path / "there"))
    assert voices("import", tmp_path / "ana.voice") == 0
    assert VoiceProfileStorage().get("ana") == here
    sung = truth.sing(truth.TENOR, 1.0, 22_050, seed=1)
    sung.audio.save(tmp_path / "song.wav")
    result = tmp_path / "sung.wav"
    arguments = ["convert", str(tmp_path / "song.wav"), "--voice", "ana", "--vocals-only"]
    assert main([*arguments, "--out", str(result), "--backend", "conversion=toy/v2"]) == 0
    made = Audio.load(result)
    assert (made.frames, made.sample_rate) == (22_050, 22_050)
    assert np.abs(made.numpy()).max() > 0.01


def test_the_voice_chooses_rvc_where_no_converter_is_named(model: Path) -> None:
    assert voices("add", "ana", "--rvc", model, "--range", "A2:E4") == 0
    with pytest.raises(NoBackend, match="'rvc/v2', named by the voice 'ana', can't serve"):
        SingingVoiceConverter().for_voice(VoiceProfileStorage().get("ana"))


@pytest.mark.parametrize("named", [(), ("--backend", "conversion=rvc/v2")])
def test_settings_are_kept_without_weights_to_hear_by(
    model: Path, capsys: Captured, named: tuple[str, ...]
) -> None:
    assert voices("add", "ana", "--rvc", model, "--range", "196:587") == 0
    capsys.readouterr()
    assert voices("set", "ana", *named, "--set", "conversion.index_rate=0.5") == 0
    assert capsys.readouterr().out == "style of ana: index_rate=0.5 (rvc/v2)\n"
    assert VoiceProfileStorage().get("ana").settings == {"rvc/v2": {"index_rate": 0.5}}
    assert voices("set", "ana", *named, "--set", "conversion.index_rate=2") == 1
    assert capsys.readouterr().err == (
        "autovoice: conversion.index_rate: '2', given by the option --set, is not a number from 0 "
        "to 1; 0.75 is the default\n"
    )
    assert voices("set", "ana", *named, "--set", "conversion.index_rate=0.75") == 0
    assert VoiceProfileStorage().get("ana").settings == {}


@pytest.mark.parametrize("part", [(), ("--vocals-only",)])
def test_settings_of_a_song_are_for_the_converter_that_its_voice_needs(
    model: Path, tmp_path: Path, capsys: Captured, part: tuple[str, ...]
) -> None:
    assert voices("add", "ana", "--rvc", model, "--range", "A2:E4") == 0
    song, out = tmp_path / "song.wav", tmp_path / "sung.wav"
    truth.sing(truth.TENOR, 1.0, 22_050, seed=1).audio.save(song)
    arguments = ["convert", str(song), "--voice", "ana", "--out", str(out), *part]
    assert main([*arguments, "--set", "conversion.index_rate=0.5"]) == 1
    # The weights are not here: the settings were not asked of another converter.
    assert "'rvc/v2', named by the voice 'ana', can't serve" in capsys.readouterr().err


def test_a_converter_that_does_not_read_the_voice_names_the_one_that_does(
    model: Path, tmp_path: Path, capsys: Captured
) -> None:
    assert voices("add", "ana", "--rvc", model, "--range", "A2:E4") == 0
    song, out = tmp_path / "song.wav", tmp_path / "sung.wav"
    truth.sing(truth.TENOR, 1.0, 22_050, seed=1).audio.save(song)
    arguments = ["convert", str(song), "--voice", "ana", "--vocals-only", "--out", str(out)]
    assert main([*arguments, "--backend", "conversion=cpu/retrieval"]) == 1
    assert capsys.readouterr().err.endswith(
        "autovoice: --voice: 'ana' holds features of rvc/2, but cpu/retrieval reads retrieval/1; "
        "name rvc/v2, which reads rvc/2, or no converter\n"
    )


UNLIKE = "quality"
"""Left out, as a filter of few taps is not the timbre of a singer."""
QUICK = "claimed or licence or heavy or pickles or key_is or balance or loudness_stays"
"""A minute of the suite. Windows, streams and the like have tests of their own in this folder."""


def test_the_contract_is_kept_by_a_voice_made_by_hand(toy: Path, tmp_path: Path) -> None:
    hold_to_contract("toy/v2", f"({QUICK}) and not ({UNLIKE})", tmp_path, toy, HELPERS)
