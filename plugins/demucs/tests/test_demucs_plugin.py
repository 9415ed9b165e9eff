from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from demucs_files import kept, small, written
from toy_plugin import hold_to_contract, installed_toy

from autovoice_core import Audio, NoBackend, VocalSeparator, select
from autovoice_core.backends import Weights, catalogue
from autovoice_core.cli import main
from autovoice_core.separation import separator
from autovoice_core.testing import truth
from autovoice_demucs.weights import HTDEMUCS, HTDEMUCS_FT_VOCALS

OFFERS = """
from autovoice_core.backends import Licence, Offer, Quality, Weights, hookimpl

SMALL = {weights!r}


@hookimpl
def autovoice_separators():
    yield Offer(
        name="small",
        load="toynet.opening:open_small",
        devices=("cpu",),
        quality=Quality.DRAFT,
        licence=Licence("MIT", SMALL.licence),
        imports=("autovoice_demucs",),
        weights=(SMALL,),
        probe="autovoice_demucs.htdemucs:probe",
        opt_in=True,
    )
"""
OPENING = """
from autovoice_demucs.htdemucs import open_weights
from toynet.offers import SMALL


def open_small(*, device, dtype):
    return open_weights(SMALL, device, dtype)
"""
UNTRAINED = (
    "quality",  # random numbers have none
    "silence_amid",  # and have not learnt that nothing comes of nothing
    "no_offset",
)
# Measured at length elsewhere, here among the other tests or by the whole suite.
SLOW = (
    *("memory", "late", "voice_is_in", "kernels", "add_up", "one_by_one", "stay_where"),
    *("threads", "windows", "shape_and_rate", "same_input", "minutes"),
)


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A plugin that offers a small network, whose weights are here, under the name toy/small."""
    offers = OFFERS.format(weights=kept(written(small().state_dict()), tmp_path))
    with installed_toy(tmp_path / "site", monkeypatch, offers, OPENING) as site:
        yield site


@pytest.mark.parametrize(
    ("backend", "weights"),
    [("demucs/htdemucs", HTDEMUCS), ("demucs/htdemucs-ft", HTDEMUCS_FT_VOCALS)],
)
def test_the_networks_are_unavailable_until_their_weights_are_here(
    backend: str, weights: Weights
) -> None:
    (entry,) = (entry for entry in catalogue().offers if entry.name == backend)
    assert entry.offer.opt_in
    assert entry.offer.licence.weights == weights.licence == "unstated"
    with pytest.raises(NoBackend) as caught:
        select("separation", name=backend)
    assert (
        f"{backend} (autovoice-demucs 0.1.0) needs the weights {weights.name} "
        "(84 MB, licence unstated), which are not on this machine; "
        f"run `autovoice models get {weights.name}`"
    ) in str(caught.value)


def test_asking_what_is_offered_does_not_import_torch() -> None:
    code = (
        "import sys; from autovoice_core.backends import catalogue; names = "
        "[entry.name for entry in catalogue().offers]; assert 'demucs/htdemucs' in names; "
        "assert not {'torch', 'demucs', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_song_is_separated_by_the_command(toy: Path, tmp_path: Path) -> None:
    song = truth.song(seconds=3, sample_rate=22_050, seed=3).mixture
    song.save(tmp_path / "song.wav")
    arguments = ["separate", str(tmp_path / "song.wav"), "--out", str(tmp_path / "parts")]
    assert main([*arguments, "--format", "wav", "--backend", "separation=toy/small"]) == 0
    parts = [Audio.load(tmp_path / "parts" / f"{name}.wav") for name in separation_stems()]
    whole = parts[0].numpy() + parts[1].numpy()
    scale = float(np.vdot(whole, song.numpy()) / np.vdot(whole, whole))
    np.testing.assert_allclose(scale * whole, song.numpy(), atol=1e-3)


def separation_stems() -> tuple[str, str]:
    return ("vocals", "accompaniment")


def test_a_long_song_in_windows_is_separated_as_in_one_piece(
    toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    song = Audio(
        np.random.default_rng(0).standard_normal((2, 9 * 44_100)).astype(np.float32) * 0.1, 44_100
    )
    whole = VocalSeparator(backend="toy/small").separate(song)
    monkeypatch.setattr(separator, "WINDOW_SECONDS", 2.0)
    for batch in (1, 3):
        parts = VocalSeparator(backend="toy/small", batch=batch).separate(song)
        difference = parts.vocals.numpy() - whole.vocals.numpy()
        assert np.abs(difference).max() < 1e-5 * np.abs(whole.vocals.numpy()).max()
    error = song.numpy() - whole.vocals.numpy() - whole.accompaniment.numpy()
    assert np.abs(error).max() < 1e-5


def test_the_contract_is_kept_as_far_as_random_weights_can(toy: Path, tmp_path: Path) -> None:
    left_out = " or ".join((*UNTRAINED, *SLOW))
    hold_to_contract("toy/small", f"not ({left_out})", tmp_path, toy)
