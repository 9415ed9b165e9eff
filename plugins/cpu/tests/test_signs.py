"""Signs of singing and of one voice, with the pitch tracker that is used by default."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio, SingingPitchExtractor, VocalSeparator
from autovoice_core.audio.source import AudioInMemory
from autovoice_core.metrics.sung_share import SungShare, sung_share
from autovoice_core.voices.signs import MIN_PERIODICITY, periodicity


def excerpt(path: Path, seconds: int = 10) -> Audio:
    whole = Audio.load(path)
    return Audio(np.array(whole.numpy()[:, : seconds * whole.sample_rate]), whole.sample_rate)


def share(song: Audio) -> SungShare:
    vocals = VocalSeparator(backend="cpu/wrpca").separate(song).vocals
    pitch = SingingPitchExtractor(backend="cpu/swiftf0").extract(vocals, mixture=song)
    return sung_share(AudioInMemory(song), AudioInMemory(vocals), pitch, key=0)


@pytest.mark.parametrize(
    ("name", "alone"),
    [
        ("singing/vocadito_1.flac", True),
        ("voices/libri_2609/2609-156975-0001.flac", True),
        ("songs/rubidium/mixture.flac", False),
        ("accompaniment/sectoid_Feelings.flac", False),
    ],
)
def test_songs_are_told_from_one_voice_alone(shared_data: Path, name: str, alone: bool) -> None:
    sound = excerpt(shared_data / name)
    pitch = SingingPitchExtractor(backend="cpu/swiftf0").extract(sound)
    assert (periodicity(AudioInMemory(sound), pitch) >= MIN_PERIODICITY) == alone


@pytest.mark.parametrize("name", ["caesium", "rubidium"])
def test_instrumentals_are_told_from_songs(shared_data: Path, name: str) -> None:
    folder = shared_data / "songs" / name
    assert share(excerpt(folder / "mixture.flac")).warning(Path("song.flac")) == ""
    assert (
        share(excerpt(folder / "accompaniment.flac"))
        .warning(Path("song.flac"))
        .startswith("song.flac: its vocals hardly sound like singing")
    )
