"""Settings of a converter that a voice holds: applied, overruled, kept with it, refused."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from attrs import evolve, frozen

from autovoice_core import (
    Audio,
    InputError,
    SingingVoiceConverter,
    VoiceProfile,
    VoiceProfileStorage,
    using,
)
from autovoice_core.backends import Entry, Licence, Offer, setting
from autovoice_core.backends.plugins.entry import Catalogue
from autovoice_core.backends.plugins.registry import Registry, using_registry
from autovoice_core.cli import main
from autovoice_core.synthetic import truth
from autovoice_core.voices import serialization


@frozen
class Loudness:
    gain: float = setting(1.0, low=0, high=2, help="factor of the samples")
    bias: float = setting(0.0, low=-1, high=1, help="what is added to them")


class Scaled:
    """A converter that multiplies, and is its own session."""

    feature_id, controls, context = "scaled/1", frozenset[str](), 0.0

    def __init__(self, settings: Loudness) -> None:
        self.settings = settings

    def grid(self, sample_rate: int) -> int:
        return 1

    def learn(self, recordings: Any) -> dict[str, Any]:
        return {"none": np.zeros(1)}

    def begin(self, *song: Any, **controls: Any) -> Scaled:
        return self

    def observe(self, vocals: Audio, start: int) -> None:
        """Learn nothing of the source."""

    def render(self, vocals: Audio, start: int) -> Audio:
        samples = vocals.numpy() * np.float32(self.settings.gain) + np.float32(self.settings.bias)
        return Audio(samples, vocals.sample_rate)


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Loudness]]:
    """One converter is installed; the settings that it was opened with are listed."""
    made: list[Loudness] = []

    def open_it(*, device: str, dtype: str, settings: Loudness) -> Scaled:
        made.append(settings)
        return Scaled(settings)

    module: Any = ModuleType("a_converter")
    module.open_it = open_it
    monkeypatch.setitem(sys.modules, "a_converter", module)
    monkeypatch.delenv("AUTOVOICE_SETTINGS", raising=False)
    offer = Offer(
        name="scaled",
        load="a_converter:open_it",
        devices=("cpu",),
        licence=Licence("MIT"),
        settings=Loudness,
    )
    entry = Entry("mine/scaled", "conversion", "mine 1.0", offer)
    with using_registry(Registry(Catalogue((entry,)))):
        yield made


@pytest.fixture(scope="session")
def iona(voice: Any) -> VoiceProfile:
    """A voice that is to be sung at half the level."""
    return VoiceProfile(
        name="Iona",
        features={"none": np.zeros(1)},
        feature_id="tests/scaled/1",
        f0_range=(200, 300, 400),
        loudness=-20,
        voiced_seconds=10,
        recordings=(),
        settings={"mine/scaled": {"gain": 0.5}, "other/x": {"index_rate": 1}},
    )


SUNG = truth.sing(truth.ALTO, 2.0, 16_000, seed=1)


def gain_of(converter: SingingVoiceConverter, voice: VoiceProfile) -> float:
    sung = converter.convert(SUNG.audio, voice, pitch=SUNG.pitch, key=0)
    found = float(np.abs(sung.numpy()).max() / np.abs(SUNG.audio.numpy()).max())
    assert sung.made_by[-1].settings["gain"] == pytest.approx(found)
    return round(found, 4)


def test_a_voice_is_sung_with_its_settings(iona: VoiceProfile) -> None:
    converter = SingingVoiceConverter()
    assert gain_of(converter, iona) == 0.5
    assert gain_of(converter, evolve(iona, settings={})) == 1.0


def test_what_a_caller_gives_comes_first_and_the_environment_last(
    iona: VoiceProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOVOICE_SETTINGS", "conversion.gain=0.1")
    assert gain_of(SingingVoiceConverter(), iona) == 0.5
    with using(settings={"conversion.gain": 2}):
        assert gain_of(SingingVoiceConverter(), iona) == 2.0
    assert gain_of(SingingVoiceConverter(settings={"gain": 1.5}), iona) == 1.5
    assert gain_of(SingingVoiceConverter(), evolve(iona, settings={})) == 0.1


def test_a_backend_is_opened_once_for_the_same_settings(
    iona: VoiceProfile, opened: list[Loudness]
) -> None:
    converter = SingingVoiceConverter()
    for _ in range(3):
        assert gain_of(converter, iona) == 0.5
    assert opened == [Loudness(gain=0.5)]
    copied = pickle.loads(pickle.dumps(converter))
    assert gain_of(copied, iona) == 0.5


def test_a_setting_of_a_voice_that_the_backend_refuses_names_the_voice(iona: VoiceProfile) -> None:
    wrong = evolve(iona, settings={"mine/scaled": {"gain": 3}})
    with pytest.raises(InputError) as caught:
        gain_of(SingingVoiceConverter(), wrong)
    assert str(caught.value) == (
        "conversion.gain: 3, given by the voice 'Iona', is not a number from 0 to 2; 1.0 is the "
        "default"
    )


@pytest.mark.parametrize("settings", [3, {"mine/scaled": 3}, {"mine/scaled": {"gain": [1]}}])
def test_settings_that_are_none_are_refused(iona: VoiceProfile, settings: Any) -> None:
    with pytest.raises(InputError) as caught:
        evolve(iona, settings=settings)
    given = "3" if settings == 3 else "an object of type dict"
    assert str(caught.value) == (
        f"settings: {given} is not a mapping from backends to their settings; give for example "
        "{'mine/rvc': {'index_rate': 0.5}}"
    )


def test_settings_are_kept_with_a_voice(iona: VoiceProfile) -> None:
    assert serialization.loads(serialization.dumps(iona), "a test") == iona


def test_a_voice_gets_and_loses_settings_by_the_command(
    iona: VoiceProfile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "voices.db"
    VoiceProfileStorage(path).add(evolve(iona, settings={}))

    def voices_set(*options: str) -> str:
        assert main(["voices", "set", "Iona", "--db", str(path), *options]) == 0
        return capsys.readouterr().out

    assert voices_set("--set", "conversion.gain=0.25", "--set", "conversion.bias=0.5") == (
        "style of Iona: gain=0.25 (mine/scaled), bias=0.5 (mine/scaled)\n"
    )
    assert voices_set("--set", "conversion.bias=0") == "style of Iona: gain=0.25 (mine/scaled)\n"
    assert VoiceProfileStorage(path).get("Iona").settings == {"mine/scaled": {"gain": 0.25}}
    assert voices_set("--formant", "1") == "style of Iona: formant 1, gain=0.25 (mine/scaled)\n"
    assert voices_set("--set", "conversion.gain=1") == "style of Iona: formant 1\n"


def test_a_voice_keeps_no_settings_of_other_operations(
    iona: VoiceProfile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "voices.db"
    VoiceProfileStorage(path).add(iona)
    command = ["voices", "set", "Iona", "--db", str(path), "--set", "separation.overlap=0.5"]
    assert main(command) == 2
    assert (
        "'--set': 'separation.overlap' would have no effect, as this command uses conversion alone"
    ) in capsys.readouterr().err
