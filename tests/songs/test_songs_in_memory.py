"""Songs that are given in memory, and whose mix and stems come back in memory."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from attrs import evolve

from autovoice_core import (
    Audio,
    InputError,
    VoiceProfile,
    VoiceProfileStorage,
    convert_song,
    separate_song,
)
from autovoice_core.songs.converted_song import ConvertedSong
from autovoice_core.synthetic import truth


@pytest.fixture(scope="module")
def song() -> Audio:
    return truth.song(seconds=3, sample_rate=16_000, seed=3, singer=truth.TENOR).mixture


@pytest.fixture(scope="module")
def vocals() -> Audio:
    sung = truth.sing(truth.TENOR, seconds=3, sample_rate=16_000, seed=3).audio
    return Audio(0.3 * sung.numpy(), sung.sample_rate)


@pytest.fixture(scope="module")
def converted(song: Audio, voice: VoiceProfile) -> ConvertedSong:
    return convert_song(song, voice, key=3)


def test_a_song_in_memory_comes_back_in_memory(song: Audio, converted: ConvertedSong) -> None:
    for sound in (converted.mix, *converted.stems):
        assert isinstance(sound, Audio)
        assert (sound.sample_rate, sound.channels) == (song.sample_rate, song.channels)
        assert sound.frames == song.frames
        assert [made.operation for made in sound.made_by] == ["separation", "pitch", "conversion"]
    assert converted.path is None
    assert converted.files == ()
    assert len(converted.pitch) == 1 + int(100 * song.duration)
    vocals, accompaniment, _ = converted.stems
    assert isinstance(vocals, Audio)
    assert isinstance(accompaniment, Audio)
    np.testing.assert_allclose(vocals.numpy() + accompaniment.numpy(), song.numpy(), atol=1e-4)
    assert converted.stem("vocals") is vocals


def test_a_song_in_memory_sounds_as_its_file_does(
    song: Audio, converted: ConvertedSong, voice: VoiceProfile, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "song.wav", song.numpy().T, song.sample_rate, "FLOAT")
    of_file = convert_song(
        tmp_path / "song.wav", voice, tmp_path / "out.wav", stems=tmp_path / "stems", key=3
    )
    assert [file.name for file in of_file.files] == [
        *("vocals.flac", "accompaniment.flac", "converted.flac"),
        "out.wav",
    ]
    np.testing.assert_array_equal(of_file.mix.numpy(), converted.mix.numpy())
    for name in ("vocals", "accompaniment", "converted"):
        np.testing.assert_allclose(
            of_file.stem(name).numpy(), converted.stem(name).numpy(), atol=2**-22
        )


def test_vocals_alone_have_two_stems(vocals: Audio, voice: VoiceProfile) -> None:
    result = convert_song(vocals, voice, key=0, vocals_only=True)
    np.testing.assert_array_equal(result.stem("vocals").numpy(), vocals.numpy())
    assert len(result.stems) == 2
    with pytest.raises(InputError) as refusal:
        result.stem("accompaniment")
    assert str(refusal.value) == (
        "name: 'accompaniment' is none of the stems that were kept (vocals, converted); "
        "to keep them, give convert_song a folder as stems"
    )


def test_files_that_are_named_are_written(
    vocals: Audio, voice: VoiceProfile, tmp_path: Path
) -> None:
    result = convert_song(vocals, voice, tmp_path / "mix.wav", vocals_only=True, key=0)
    assert (result.files, result.stems) == ((tmp_path / "mix.wav",), ())
    result = convert_song(vocals, voice, stems=tmp_path / "stems", vocals_only=True, key=0)
    assert [file.name for file in result.files] == ["vocals.flac", "converted.flac"]
    np.testing.assert_allclose(result.mix.numpy(), result.stem("converted").numpy(), atol=2**-22)


def test_an_opened_file_and_a_voice_by_name_will_do(
    vocals: Audio, voice: VoiceProfile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path))
    VoiceProfileStorage().add(evolve(voice, name="Ada"))
    file = io.BytesIO()
    soundfile.write(file, vocals.numpy().T, vocals.sample_rate, format="FLAC")
    file.seek(0)
    result = convert_song(file, "Ada", key="-1", vocals_only=True)
    assert (result.key, result.mix.frames) == (-1.0, vocals.frames)


def test_the_repr_of_a_converted_song_is_one_short_line(converted: ConvertedSong) -> None:
    share = f"{converted.sung.converted:.0%}"
    assert repr(converted) == (
        f"ConvertedSong('Ada', key +3, {share} of the singing converted, "
        "Audio(2 channels, 3.00 s at 16000 Hz))"
    )


def test_a_song_in_memory_is_separated_into_files(song: Audio, tmp_path: Path) -> None:
    result = separate_song(song, tmp_path / "parts", stems="vocals")
    assert [path.name for path in result.stems] == ["vocals.flac"]
    assert Audio.load(result.stems[0]).frames == song.frames


def test_a_mix_that_went_to_a_device_is_not_read_back(vocals: Audio, voice: VoiceProfile) -> None:
    result = convert_song(vocals, voice, "/dev/null", vocals_only=True, key=0)
    with pytest.raises(InputError) as refusal:
        result.mix  # noqa: B018
    assert str(refusal.value) == ("mix: it went to /dev/null, so it can't be read; give out a file")
