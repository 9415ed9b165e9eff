"""Files of every format, cut at any place: read whole or refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sound_files import encode, read_frames, tone

from autovoice_core import InputError

FORMATS = [
    ("WAV", "PCM_16", 44_100),
    ("WAV", "PCM_U8", 44_100),
    ("WAV", "PCM_24", 44_100),
    ("WAV", "FLOAT", 44_100),
    ("WAV", "ALAW", 8_000),
    ("WAV", "IMA_ADPCM", 44_100),
    ("WAV", "MS_ADPCM", 44_100),
    ("WAVEX", "PCM_16", 44_100),
    ("RF64", "PCM_16", 44_100),
    ("W64", "PCM_16", 44_100),
    ("AIFF", "PCM_16", 44_100),
    ("AIFF", "PCM_S8", 44_100),
    ("AIFF", "ULAW", 44_100),
    ("SVX", "PCM_16", 44_100),
    ("CAF", "PCM_24", 44_100),
    ("CAF", "ALAC_16", 44_100),
    ("AU", "PCM_16", 44_100),
    ("FLAC", "PCM_16", 44_100),
    ("OGG", "VORBIS", 44_100),
    ("OGG", "OPUS", 48_000),
    ("MP3", "MPEG_LAYER_III", 44_100),
    ("MP3", "MPEG_LAYER_III", 16_000),
    ("NIST", "PCM_16", 16_000),
    ("AVR", "PCM_16", 44_100),
    ("VOC", "PCM_16", 44_100),
    ("MPC2K", "PCM_16", 44_100),
    ("WVE", "ALAW", 8_000),
    ("MAT4", "PCM_16", 44_100),
    ("MAT5", "PCM_16", 44_100),
]


@pytest.mark.parametrize(("kind", "subtype", "rate"), FORMATS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(share=st.floats(0, 1), from_end=st.integers(1, 300), near_end=st.booleans())
def test_a_file_that_is_cut_anywhere_is_read_whole_or_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    subtype: str,
    rate: int,
    share: float,
    from_end: int,
    near_end: bool,
) -> None:
    monkeypatch.setenv("PATH", "")  # without ffmpeg
    path = tmp_path / "sound"
    if not path.exists():
        encode(path, tone(5001, channels=1), kind, subtype, rate)
    whole = path.read_bytes()
    kept = len(whole) - from_end if near_end else int(share * (len(whole) - 1))
    cut = tmp_path / "cut"
    cut.write_bytes(whole[: max(kept, 0)])
    try:
        frames = read_frames(cut)
    except InputError:
        return
    assert frames == read_frames(path)


BLOCK_CODED = {"IMA_ADPCM", "MS_ADPCM"}


@pytest.mark.parametrize(
    ("kind", "subtype", "rate"), [each for each in FORMATS if each[1] not in BLOCK_CODED]
)
@pytest.mark.parametrize("frames", [5001, 5003, 5004])
def test_a_file_has_the_length_that_was_written(
    tmp_path: Path, kind: str, subtype: str, rate: int, frames: int
) -> None:
    if (kind, subtype) in {("AIFF", "PCM_S8"), ("AIFF", "ULAW")}:
        frames += frames % 2  # libsndfile writes the sample that pads a chunk as one of the sound
    path = tmp_path / "sound"
    encode(path, tone(frames, channels=1), kind, subtype, rate)
    assert read_frames(path) == frames
