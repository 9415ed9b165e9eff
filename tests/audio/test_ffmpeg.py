from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sound_files import encode, refusal, tone

from autovoice_core import Audio
from autovoice_core.audio.reading import AudioFile

FFMPEG = shutil.which("ffmpeg")
needs_ffmpeg = pytest.mark.skipif(FFMPEG is None, reason="ffmpeg is not installed")

MP4 = b"\0\0\0\x20ftypM4A \0\0\0\0"
"""The beginning of a file that libsndfile can't read."""

STAND_IN = """#!{python}
import pathlib, sys
folder = pathlib.Path({folder!r})
(folder / "arguments").write_text("\\n".join(sys.argv[1:]))
sys.stderr.write((folder / "messages").read_text())
sys.stdout.buffer.write((folder / "output").read_bytes())
sys.exit({code})
"""
"""A program that streams a WAV file as ffmpeg does, and says what it is told to."""


def stand_in(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    output: bytes = b"",
    messages: str = "",
    code: int = 0,
) -> Path:
    """Put a program called ffmpeg on the PATH, alone there; return the file to read through it."""
    (folder / "output").write_bytes(output)
    (folder / "messages").write_text(messages)
    program = folder / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text(STAND_IN.format(python=sys.executable, folder=str(folder), code=code))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(program.parent))
    path = folder / "song.m4a"
    path.write_bytes(MP4 + bytes(range(256)))
    return path


def streamed(path: Path, samples: np.ndarray) -> bytes:
    """Return ``samples`` as WAV of unknown length."""
    content = bytearray(encode(path, samples, "WAV", "FLOAT"))
    at = content.index(b"data") + 4
    content[4:8] = content[at : at + 4] = b"\xff" * 4
    return bytes(content)


def test_what_ffmpeg_streams_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song = 4 * tone(50_000)  # lossy formats pass full scale
    output = streamed(tmp_path / "a.wav", song)
    file = AudioFile(stand_in(tmp_path, monkeypatch, output=output))
    assert (file.sample_rate, file.channels, file.frames) == (44_100, 2, 50_000)
    assert (file.format, file.subtype) == ("FFMPEG", "FFMPEG")
    np.testing.assert_array_equal(np.concatenate(list(file.blocks(777)), 1).T, song)


def test_ffmpeg_opens_one_file_and_no_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = streamed(tmp_path / "a.wav", tone(5000))
    path = stand_in(tmp_path, monkeypatch, output=output)
    AudioFile(path)
    arguments = (tmp_path / "arguments").read_text().split("\n")
    assert arguments[arguments.index("-i") + 1] == f"file:{path}"
    assert arguments[arguments.index("-protocol_whitelist") + 1] == "file,pipe"
    formats = arguments[arguments.index("-format_whitelist") + 1].split(",")
    assert {"mov", "matroska", "asf"} <= set(formats)
    assert not {"hls", "concat", "lavfi", "image2", "sdp", "rtsp"} & set(formats)
    assert {"-nostdin", "-vn", "-sn", "-dn"} <= set(arguments)
    assert arguments[-1] == "pipe:1"


@pytest.mark.parametrize(
    ("messages", "code", "reason"),
    [
        ("[mov @ 0x1] [error] stream 0, offset 0x3ff5: partial file\n", 0, "partial file"),
        ("[error] file:song.m4a: Invalid data found\n", 1, "invalid data found"),
        ("", 1, "exit code 1"),
        ("[error] Output file #0 does not contain any stream\n", 1, "it holds no sound track"),
        ("[info]   Duration: 00:00:02.50, start: 0.0\n", 0, "it ends after 0.11 s of 2.50 s"),
    ],
)
def test_what_ffmpeg_can_not_read_whole_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, messages: str, code: int, reason: str
) -> None:
    output = streamed(tmp_path / "a.wav", tone(5000))
    path = stand_in(tmp_path, monkeypatch, output=output, messages=messages, code=code)
    message = refusal(path)
    assert message.startswith("ffmpeg can't read all of it (")
    assert message.endswith(f"{reason}); get an intact copy, or convert it to WAV or FLAC")


def test_an_unknown_file_is_refused_with_both_reasons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stand_in(tmp_path, monkeypatch, messages="[error] Invalid argument\n", code=1)
    assert refusal(path, bytes(range(256))) == (
        "not a sound file that can be read (format not recognised; ffmpeg: invalid argument); "
        "give a WAV, FLAC, OGG, MP3 or AIFF file"
    )


def test_without_ffmpeg_the_message_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert refusal(tmp_path / "song.m4a", MP4) == (
        "MP4 or M4A is read through ffmpeg, which is not on the PATH; install it, or convert the "
        "file to WAV or FLAC"
    )
    assert refusal(tmp_path / "song.raw", bytes(range(256))) == (
        "not a sound file that can be read (format not recognised); give a WAV, FLAC, OGG, MP3 or "
        "AIFF file, or install ffmpeg, which reads more"
    )


def test_what_is_no_sound_is_not_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stand_in(tmp_path, monkeypatch)
    message = refusal(path, b"<!DOCTYPE html><html>429</html>")
    assert message == "is a web page (HTML), not a sound file; give a recording"
    assert not (tmp_path / "arguments").exists()


def make(path: Path, *options: str) -> None:
    """Write a tone to ``path`` with ffmpeg."""
    song = encode(path.with_name("song.wav"), tone(44_100), "WAV", "PCM_16")
    command = [str(FFMPEG), "-v", "error", "-f", "wav", "-i", "pipe:0", *options, f"file:{path}"]
    subprocess.run(command, input=song, check=True)


@needs_ffmpeg
@pytest.mark.parametrize(
    "name", ["a.m4a", "a.mp4", "a.wma", "a.webm", "a.mka", "a.wv", "a.aac", "-y.m4a", "http:a.m4a"]
)
def test_formats_of_ffmpeg_are_read(tmp_path: Path, name: str) -> None:
    make(tmp_path / name)
    got = Audio.load(tmp_path / name)
    assert abs(got.duration - 1) < 0.1
    assert np.abs(got.numpy()[0, 10_000:30_000]).max() == pytest.approx(0.3, abs=0.03)


@needs_ffmpeg
def test_the_tags_of_a_file_read_through_ffmpeg_are_kept(tmp_path: Path) -> None:
    make(tmp_path / "a.m4a", "-metadata", "title=Strand")
    assert AudioFile(tmp_path / "a.m4a").tags["title"] == "Strand"


@needs_ffmpeg
@pytest.mark.parametrize("name", ["a.m4a", "a.mka", "a.webm", "a.wv"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_file_of_ffmpeg_that_is_cut_off_is_refused(
    tmp_path: Path, name: str, share: float
) -> None:
    make(tmp_path / name, *(("-movflags", "+faststart") if name == "a.m4a" else ()))
    content = (tmp_path / name).read_bytes()
    message = refusal(tmp_path / name, content[: int(share * len(content))])
    assert message.startswith("ffmpeg can't read all of it (")


@needs_ffmpeg
def test_a_list_of_files_opens_none_of_them(tmp_path: Path) -> None:
    make(tmp_path / "a.m4a")
    (tmp_path / "list.m4a").write_text(f"file '{tmp_path}/a.m4a'\n")
    assert "is text, not a sound file" in refusal(tmp_path / "list.m4a")
