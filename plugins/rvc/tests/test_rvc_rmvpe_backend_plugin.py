"""RMVPE as a backend: its offer, its weights in their place, and the contract of its operation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_rmvpe import kept, open_small, written
from toy_plugin import hold_to_contract, installed_toy

from autovoice_core import InputError, ModelError, NoBackend, select
from autovoice_core.cli import main
from autovoice_core.synthetic import truth
from autovoice_rvc.offers import autovoice_pitch_estimators
from autovoice_rvc.rmvpe import open_rmvpe, probe_rmvpe
from autovoice_rvc.weights import RMVPE

OFFERS = """
from autovoice_core.backends import Licence, Offer, Quality, Weights, hookimpl
from autovoice_rvc.settings import RmvpeSettings

SMALL = {weights!r}


@hookimpl
def autovoice_pitch_estimators():
    yield Offer(
        name="rmvpe",
        load="toynet.opening:open_toy",
        devices=("cpu",),
        quality=Quality.DRAFT,
        licence=Licence("MIT", SMALL.licence),
        imports=("autovoice_rvc", "random_rvc", "small_rmvpe"),
        weights=(SMALL,),
        probe="autovoice_rvc.rmvpe:probe_rmvpe",
        opt_in=True,
        settings=RmvpeSettings,
    )
"""
OPENING = """
from autovoice_rvc.rmvpe import DEFAULTS
from small_rmvpe import open_small
from toynet.offers import SMALL


def open_toy(*, device, dtype, fmin=40.0, fmax=2000.0, settings=DEFAULTS):
    return open_small(SMALL, device, dtype, fmin, fmax, settings)
"""
# Random numbers have no quality, and hear a pitch in anything.
UNTRAINED = (
    *("quality", "there_to_its_end", "on_the_sample_rate", "in_tune", "silence", "mostly_unvoiced"),
    *("at_any_rate", "no_vowel", "octave_up", "not_higher", "track_is_on_time", "notes_and_pauses"),
    *("up_to_its_edges", "telephone", "sharp_or_flat", "vibrato", "surer", "not_be_even"),
)
# Measured elsewhere, here by the tests of the tracker or by the whole suite.
SLOW = ("memory", "minutes", "windows", "one_by_one", "kernels")


@pytest.fixture(autouse=True)
def _store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of weights of the test's own."""
    monkeypatch.setenv("AUTOVOICE_MODELS", str(tmp_path / "models"))


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A plugin that offers a small network, whose weights are here, under the name toy/rmvpe."""
    offers = OFFERS.format(weights=kept(written(), tmp_path))
    with installed_toy(tmp_path / "site", monkeypatch, offers, OPENING) as site:
        yield site


def test_it_is_unavailable_until_its_weights_are_here() -> None:
    (offer,) = autovoice_pitch_estimators()
    assert offer.opt_in
    assert offer.licence.weights == RMVPE.licence == "MIT"
    with pytest.raises(NoBackend) as caught:
        select("pitch", name="rvc/rmvpe")
    assert "needs the weights rvc/rmvpe (181 MB, licence MIT)" in str(caught.value)


def test_the_probe_goes_through() -> None:
    probe_rmvpe("cpu")


def test_it_opens_where_it_is_offered_and_with_its_own_weights(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cpu or cuda in float32, not on cpu in float16"):
        open_rmvpe(device="cpu", dtype="float16")
    with pytest.raises(ModelError, match=r"rvc/rmvpe.*autovoice models get rvc/rmvpe"):
        open_rmvpe(device="cpu", dtype="float32")
    weights = kept(written(), tmp_path)
    weights.place.write_bytes(b"damaged")
    with pytest.raises(ModelError, match="toy/rmvpe"):
        open_small(weights, "cpu", "float32")


def test_a_song_is_tracked_by_the_command(toy: Path, tmp_path: Path) -> None:
    truth.sing(truth.ALTO, seconds=3, sample_rate=22_050, seed=3).audio.save(tmp_path / "song.wav")
    arguments = ["pitch", str(tmp_path / "song.wav"), "--out", str(tmp_path / "pitch.csv")]
    assert main([*arguments, "--backend", "pitch=toy/rmvpe"]) == 0
    assert len((tmp_path / "pitch.csv").read_text().splitlines()) == 1 + 301


def test_the_contract_is_kept_as_far_as_random_weights_can(toy: Path, tmp_path: Path) -> None:
    left_out = " or ".join((*UNTRAINED, *SLOW))
    hold_to_contract("toy/rmvpe", f"not ({left_out})", tmp_path, toy)
