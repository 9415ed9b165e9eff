from __future__ import annotations

from pathlib import Path

import pytest
from sound_files import encode, tone

from autovoice_core import InputError
from autovoice_core.audio.output_format import format_for, suffix_like
from autovoice_core.audio.reading import AudioFile


def song(path: Path, kind: str, subtype: str | None, rate: int = 44_100) -> AudioFile:
    encode(path, tone(5001, channels=1), kind, subtype, rate)
    return AudioFile(path)


@pytest.mark.parametrize(
    ("kind", "subtype", "out", "expected"),
    [
        ("WAV", "PCM_16", "o.wav", ("WAV", "PCM_16")),
        ("WAV", "FLOAT", "o.wav", ("WAV", "FLOAT")),
        ("WAV", "ALAW", "o.wav", ("WAV", "ALAW")),
        ("WAV", "PCM_16", "o.flac", ("FLAC", "PCM_16")),
        ("WAV", "FLOAT", "o.flac", ("FLAC", "PCM_24")),
        ("MP3", None, "o.wav", ("WAV", "PCM_24")),
        ("MP3", None, "o.caf", ("CAF", "PCM_24")),
        ("MP3", None, "o.mp3", ("MP3", "MPEG_LAYER_III")),
        ("WAV", "IMA_ADPCM", "o.wav", ("WAV", "PCM_24")),
        ("WAV", "MS_ADPCM", "o.w64", ("W64", "PCM_24")),
        ("AIFF", "ALAW", "o.aiff", ("AIFF", "PCM_24")),
        ("AIFF", "PCM_S8", "o.flac", ("FLAC", "PCM_S8")),
        ("OGG", "VORBIS", "o.opus", ("OGG", "OPUS")),
        ("OGG", "OPUS", "o.ogg", ("OGG", "OPUS")),
        ("CAF", "ALAC_24", "o.caf", ("CAF", "ALAC_24")),
        ("WAV", "PCM_16", "o.bwf", ("WAV", "PCM_16")),
        ("WAV", "PCM_16", "o.WAVE", ("WAV", "PCM_16")),
    ],
)
def test_the_sample_format_is_kept_where_it_holds_the_sound_to_the_sample(
    tmp_path: Path, kind: str, subtype: str | None, out: str, expected: tuple[str, str]
) -> None:
    rate = 48_000 if "OPUS" in (subtype, expected[1]) else 44_100
    assert format_for(tmp_path / out, song(tmp_path / "s", kind, subtype, rate)) == expected


@pytest.mark.parametrize("name", ["o.txt", "o.raw", "o.sd2", "o.m4a"])
def test_a_suffix_of_no_format_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        format_for(Path(name), None)
    assert str(caught.value) == (
        f"{name}: the suffix {Path(name).suffix!r} is not a sound format that can be written; "
        "use .wav, .flac, .ogg or .mp3"
    )


@pytest.mark.parametrize("name", ["o", "folder.d/o", ".wav"])
def test_a_name_without_a_suffix_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        format_for(Path(name), None)
    assert str(caught.value) == f"{name}: has no suffix; add .wav, .flac, .ogg or .mp3"


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="no such device here")
def test_a_device_without_a_suffix_gets_wav(tmp_path: Path) -> None:
    like = song(tmp_path / "s", "FLAC", "PCM_16")
    assert format_for(Path("/dev/null"), like) == ("WAV", "PCM_16")


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("s.WAV", "WAV", ".WAV"),
        ("s.flac", "FLAC", ".flac"),
        ("s.oga", "OGG", ".oga"),
        ("s.mp3", "MP3", ".mp3"),
        ("s.wav", "MP3", ".wav"),
        ("s.mpga", "MP3", ".mp3"),
        ("s.mp3", "FLAC", ".flac"),
        ("s.mp3", "WAV", ".wav"),
        ("s.aifc", "AIFF", ".wav"),
        ("s.snd", "AU", ".wav"),
        ("s.m4a", "WAV", ".wav"),
        ("s", "FLAC", ".flac"),
        ("s", "WAV", ".wav"),
    ],
)
def test_a_suffix_that_can_not_be_written_becomes_one_of_its_kind(
    tmp_path: Path, name: str, kind: str, expected: str
) -> None:
    assert suffix_like(song(tmp_path / name, kind, None)) == expected


def test_opus_stays_opus(tmp_path: Path) -> None:
    for name, expected in (("s.opus", ".opus"), ("s.ogg", ".ogg"), ("s.dat", ".opus")):
        assert suffix_like(song(tmp_path / name, "OGG", "OPUS", 48_000)) == expected


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        format_for(tmp_path, None)
    assert str(caught.value) == f"{tmp_path}: is a directory; give the name of a file"
