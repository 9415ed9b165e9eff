from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from autovoice_core.audio.reading import AudioFile
from autovoice_core.audio.tags import TAGS
from autovoice_core.audio.writing import AudioWriter

RATE = 44_100
GIVEN = {
    "title": "Grüße, 你好",
    "artist": "Ада & Co.",
    "album": "First",
    "genre": "Chanson",
    "date": "2024",
    "tracknumber": "7",
    "comment": "sung twice\nand once more",
    "copyright": "CC0",
}
SOUND = np.random.default_rng(0).normal(0, 0.1, (2, RATE)).astype(np.float32)


@pytest.fixture
def tagged(tmp_path: Path) -> AudioFile:
    path = tmp_path / "song.flac"
    with soundfile.SoundFile(path, "w", samplerate=RATE, channels=2) as file:
        for name, text in GIVEN.items():
            setattr(file, name, text)
        file.write(SOUND.T)
    return AudioFile(path)


def copied(path: Path, like: AudioFile) -> AudioFile:
    with AudioWriter(path, RATE, 2, like=like) as writer:
        writer.write(SOUND)
    return AudioFile(path)


def test_the_tags_of_a_file_are_read(tagged: AudioFile) -> None:
    assert tagged.tags == GIVEN
    assert set(GIVEN) == set(TAGS)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "opus", "mp3"])
def test_tags_are_carried_to_another_file(tagged: AudioFile, tmp_path: Path, suffix: str) -> None:
    rate = 48_000 if suffix == "opus" else RATE
    path = tmp_path / f"copy.{suffix}"
    with AudioWriter(path, rate, 2, like=tagged) as writer:
        writer.write(SOUND)
    copy = AudioFile(path)
    assert copy.tags == GIVEN
    assert copy.frames == SOUND.shape[1]


def test_from_mp3_to_mp3(tagged: AudioFile, tmp_path: Path) -> None:
    first = copied(tmp_path / "first.mp3", tagged)
    second = copied(tmp_path / "second.mp3", first)
    assert second.tags == first.tags
    assert second.path.read_bytes().count(b"ID3\x04") == 1


def test_a_format_without_a_place_for_a_tag_leaves_it_out(
    tagged: AudioFile, tmp_path: Path
) -> None:
    tags = copied(tmp_path / "copy.aiff", tagged).tags
    assert tags == {name: GIVEN[name] for name in ("title", "artist", "comment")}


def test_sound_without_tags_gets_none(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "plain.wav", SOUND.T, RATE)
    plain = AudioFile(tmp_path / "plain.wav")
    assert plain.tags == {}
    for suffix in ("wav", "mp3"):
        assert copied(tmp_path / f"copy.{suffix}", plain).tags == {}
