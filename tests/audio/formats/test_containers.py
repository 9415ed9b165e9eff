from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sound_files import KEEP_THE_REST, encode, load, refusal, tone

from autovoice_core.audio.formats import containers, part
from autovoice_core.audio.reading import AudioFile

JOINABLE = ["WAV", "RF64", "W64", "AIFF", "CAF", "AU"]


@pytest.mark.parametrize("kind", JOINABLE)
def test_joined_files_are_read_one_after_the_other(tmp_path: Path, kind: str) -> None:
    parts = [tone(5001, channels=1), tone(2002, 330, 1), tone(7003, 220, 1)]
    contents = [encode(tmp_path / "a", part, kind, "PCM_16") for part in parts]
    got = load(tmp_path / "joined", b"".join(contents))
    np.testing.assert_allclose(got, np.concatenate(parts), atol=2.0**-15)


@pytest.mark.parametrize("kind", ["WAV", "RF64", "W64", "AIFF", "SVX", "CAF", "AU"])
def test_a_file_cut_off_is_refused_with_what_is_left(tmp_path: Path, kind: str) -> None:
    content = encode(tmp_path / "a", tone(50_000, channels=1), kind, "PCM_16")
    there = "67% of the sound are there" if kind == "CAF" else "0.76 s of 1.13 s are there"
    message = refusal(tmp_path / "cut", content[:-33_000])
    assert message == f"the file is cut off ({there}); {KEEP_THE_REST}"


@pytest.mark.parametrize("counted", ["file", "chunks"])
def test_a_length_that_counts_the_header_is_none(tmp_path: Path, counted: str) -> None:
    content = bytearray(encode(tmp_path / "a.wav", tone(5000), "WAV", "PCM_16"))
    at = content.index(b"data") + 4
    size = len(content) if counted == "file" else len(content) - 8
    content[at : at + 4] = size.to_bytes(4, "little")
    assert len(load(tmp_path / "b.wav", bytes(content))) == 5000


@pytest.mark.parametrize(
    ("riff", "data"),
    [
        (0xFFFF_FFFF, 0xFFFF_FFFF),  # ffmpeg
        (0x7FFF_F024, 0x7FFF_F000),  # SoX
        (0x8000_0023, 0x7FFF_FFFF),
        (0xFFFF_FFFF, 0),
        (36, 0),  # a recorder that was switched off
        (0, 0),
    ],
)
def test_a_wav_stream_of_unknown_length_is_read_to_its_end(
    tmp_path: Path, riff: int, data: int
) -> None:
    song = tone(30_011)
    content = bytearray(encode(tmp_path / "a.wav", song, "WAV", "PCM_24"))
    at = content.index(b"data") + 4
    content[4:8], content[at : at + 4] = riff.to_bytes(4, "little"), data.to_bytes(4, "little")
    np.testing.assert_allclose(load(tmp_path / "b.wav", bytes(content)), song, atol=2.0**-23)


def test_the_tags_of_a_stream_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with soundfile.SoundFile(path, "w", 44_100, 1, "PCM_16") as file:
        file.title = "Strand"
        file.write(tone(5000, channels=1))
    content = bytearray(path.read_bytes())
    assert content.index(b"LIST") < content.index(b"data")
    at = content.index(b"data") + 4
    content[4:8] = content[at : at + 4] = b"\xff" * 4
    path.write_bytes(content)
    assert AudioFile(path).tags == {"title": "Strand"}


def test_an_empty_file_with_chunks_behind_is_no_stream(tmp_path: Path) -> None:
    content = encode(tmp_path / "a.wav", tone(0), "WAV", "PCM_16")
    body = content[8:] + b"LIST\x04\x00\x00\x00INFO"
    content = b"RIFF" + len(body).to_bytes(4, "little") + body
    assert refusal(tmp_path / "b.wav", content) == "the file holds no samples; give a recording"


def test_a_sparse_stream_of_more_than_4_gib_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    content = bytearray(encode(path, tone(0), "WAV", "FLOAT"))
    at = content.index(b"data") + 4
    content[4:8] = content[at : at + 4] = b"\xff" * 4
    frames = 600_000_000
    with path.open("wb") as file:
        file.write(content)
        file.truncate(len(content) + 8 * frames)
    assert AudioFile(path).frames == frames


@pytest.mark.parametrize("frames", [5001, 5002])
def test_a_byte_that_pads_aiff_is_no_sample(tmp_path: Path, frames: int) -> None:
    content = bytearray(encode(tmp_path / "a.aiff", tone(5002, channels=1), "AIFF", "PCM_S8"))
    at = content.index(b"COMM") + 10
    content[at : at + 4] = frames.to_bytes(4, "big")
    assert len(load(tmp_path / "b.aiff", bytes(content))) == frames


def test_the_length_in_the_fact_chunk_holds_where_blocks_are_padded(tmp_path: Path) -> None:
    content = bytearray(encode(tmp_path / "a.wav", tone(5000, channels=1), "WAV", "IMA_ADPCM"))
    padded = len(load(tmp_path / "b.wav", bytes(content)))
    assert padded > 5000
    at = content.index(b"fact") + 8
    content[at : at + 4] = (padded - 100).to_bytes(4, "little")
    assert len(load(tmp_path / "b.wav", bytes(content))) == padded - 100


def test_a_fact_chunk_that_can_not_be_right_is_ignored(tmp_path: Path) -> None:
    content = bytearray(encode(tmp_path / "a.wav", tone(5000, channels=1), "WAV", "IMA_ADPCM"))
    padded = len(load(tmp_path / "b.wav", bytes(content)))
    at = content.index(b"fact") + 8
    content[at : at + 4] = (7).to_bytes(4, "little")
    assert len(load(tmp_path / "b.wav", bytes(content))) == padded


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize("kind", ["wav", "w64", "aiff", "au", "caf", "flac", "ogg", "mp3", "rf64"])
def test_what_ffmpeg_writes_to_a_pipe_is_read_whole(tmp_path: Path, kind: str) -> None:
    song = tone(44_100)
    encode(tmp_path / "song.wav", song, "WAV", "PCM_16")
    options = {"rf64": ("wav", "-rf64", "always")}.get(kind, (kind,))
    run = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(tmp_path / "song.wav"), "-f", *options, "pipe:1"],
        capture_output=True,
        check=True,
    )
    got = load(tmp_path / "piped", run.stdout)
    assert len(song) <= len(got) < len(song) + (3000 if kind == "mp3" else 1)


@pytest.mark.parametrize("more", [0, 8])
def test_a_file_cut_to_the_length_that_it_states_is_refused(tmp_path: Path, more: int) -> None:
    content = encode(tmp_path / "a.wav", tone(5000), "WAV", "PCM_16")
    message = refusal(tmp_path / "b.wav", content[: 4 * 5000 + more])
    assert message.startswith("the file is cut off (0.11 s of 0.11 s are there)")


@pytest.mark.parametrize("kind", [*JOINABLE, "FLAC", "OGG", "MP3"])
def test_more_files_than_anybody_joins_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(part, "MAX_JOINED", 3)
    content = encode(tmp_path / "a", tone(5000), kind)
    assert len(load(tmp_path / "three", content * 3)) == 15_000
    assert refusal(tmp_path / "four", content * 4) == (
        "more than 3 files are joined in it; give them singly"
    )


def test_more_chunks_than_any_writer_makes_are_refused(tmp_path: Path) -> None:
    content = encode(tmp_path / "a.wav", tone(5000), "WAV", "PCM_16")
    assert content[12:16] == b"fmt "
    chunk = b"junk" + bytes(4)
    assert len(load(tmp_path / "b.wav", content[:12] + chunk * 900 + content[12:])) == 5000
    assert refusal(tmp_path / "c.wav", content[:12] + chunk * 1000 + content[12:]) == (
        f"the file is damaged (more than 1000 chunks are before its sound); {KEEP_THE_REST}"
    )


def test_the_header_of_a_stream_keeps_no_more_than_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "_MAX_HEADER_BYTES", 300)
    content = encode(tmp_path / "a.wav", tone(5000), "WAV", "PCM_16")
    at = content.index(b"data")
    others = b"".join(
        b"jun%d" % number + (200).to_bytes(4, "little") + bytes(200) for number in range(9)
    )
    path = tmp_path / "b.wav"
    path.write_bytes(content[:at] + others + b"data" + b"\xff" * 4 + content[at + 8 :])
    with path.open("rb") as file:
        (stream,) = containers.container_parts(path, file, path.stat().st_size, "b.wav")
    assert isinstance(stream.pieces[0], bytes)
    assert len(stream.pieces[0]) < 400
    assert len(load(path, path.read_bytes())) == 5000
