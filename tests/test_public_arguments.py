"""Wrong values for every argument of the public types and functions: each refusal names it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from wrong_arguments import RATE, SUNG, TRACK, VALUES, cases, check, few_examples

from autovoice_core import (
    Audio,
    Need,
    PitchTrack,
    SingingPitchExtractor,
    SingingVoiceConverter,
    Style,
    VocalSeparator,
    VoiceProfile,
    VoiceProfileStorage,
    plan,
    select,
    using,
)
from autovoice_core.models import find
from autovoice_core.voices.speaker_encoder import speaker_embedding

PROFILE = {
    "name": "iona",
    "features": {},
    "feature_id": "retrieval/1",
    "f0_range": (100, 200, 300),
    "loudness": -20.0,
    "voiced_seconds": 10.0,
    "recordings": (),
}
STYLE = dict.fromkeys(inspect.signature(Style).parameters)


def load(path: Any, max_seconds: Any) -> None:
    """Load a sound, which is there."""
    SUNG.save("sung.wav")
    Audio.load(path, max_seconds=max_seconds)


def use(**names: Any) -> None:
    """Name backends, as ``with using(...)`` does."""
    with using(**names):
        pass


def stored() -> VoiceProfileStorage:
    """Return a storage that holds a voice, in the working folder."""
    voices = VoiceProfileStorage("voices.db")
    voices.add(VoiceProfile(**PROFILE), replace=True)
    return voices


def get_voice(name: Any) -> None:
    """Get a voice from a storage."""
    stored().get(name)


def add_voice(profile: Any, replace: Any) -> None:
    """Add a voice to a storage."""
    stored().add(profile, replace=replace)


def rename_voice(old: Any, new: Any) -> None:
    """Rename a voice of a storage."""
    stored().rename(old, new)


def set_style(**style: Any) -> None:
    """Set the style of a voice of a storage."""
    stored().set_style("iona", **style)


def export_voice(path: Any) -> None:
    """Export a voice of a storage."""
    stored().export("iona", path)


def import_voice(path: Any) -> None:
    """Import a voice into a storage."""
    stored().import_(path)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path))
    monkeypatch.setenv("MPLBACKEND", "Agg")


@pytest.mark.parametrize(
    ("function", "valid", "name"),
    [
        *cases(Audio, {"samples": np.zeros(9), "sample_rate": RATE}),
        *cases(load, {"path": "sung.wav", "max_seconds": 60.0}),
        *cases(SUNG.save, {"path": "sung.wav"}),
        *cases(SUNG.resample, {}),
        *cases(SUNG.__getitem__, {}),
        *cases(
            PitchTrack,
            {"f0": np.zeros(2), "voiced": np.zeros(2), "confidence": np.zeros(2), "hop": 0.01},
        ),
        *cases(TRACK.save, {"path": "f0.csv"}),
        *cases(TRACK.plot, {}),
        *cases(Style, {}),
        *cases(Need, {}),
        *cases(select, {"operation": "pitch"}, omit=("name",)),
        *cases(plan, {}),
        *cases(use, {}, "pitch"),
        *cases(VoiceProfile, PROFILE),
        *cases(VoiceProfile.from_recordings, {"recordings": SUNG, "name": "iona"}),
        *cases(find, {}),
        *cases(speaker_embedding, {}),
        *cases(SingingPitchExtractor, {}),
        *cases(VocalSeparator, {}),
        *cases(SingingVoiceConverter, {}),
        *cases(VoiceProfileStorage, {}),
        *cases(add_voice, {"profile": VoiceProfile(**PROFILE), "replace": True}),
        *cases(get_voice, {}),
        *cases(rename_voice, {"old": "iona", "new": "Iona"}),
        *cases(set_style, {}, *STYLE),
        *cases(export_voice, {}),
        *cases(import_voice, {}),
    ],
)
@given(value=VALUES)
@few_examples(30)
def test_a_wrong_argument_is_named(
    function: Callable[..., Any], valid: Mapping[str, Any], name: str, value: Any
) -> None:
    check(function, {**valid, name: value}, name)
