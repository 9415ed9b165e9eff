from __future__ import annotations

import os
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from autovoice_core import InputError
from autovoice_core.server.jobs import inspection
from autovoice_core.server.jobs.failures import TaskError
from autovoice_core.server.jobs.worker import Report


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # The limits are those of a process, and this one is to go on.
    monkeypatch.setattr(inspection, "_limit_resources", lambda _: None)


def inspect(name: str, **limits: Any) -> dict[str, Any]:
    task = {"name": name, "max_seconds": 60, "max_bytes": 10**8, **limits}
    return inspection.inspect(task, Report(StringIO()))


@pytest.mark.parametrize(
    ("format_", "media_type"),
    [("FLAC", "audio/flac"), ("WAV", "audio/wav"), ("OGG", "audio/ogg"), ("MP3", "audio/mpeg")],
)
def test_a_sound_is_known_by_what_is_in_it_and_not_by_its_name(
    format_: str, media_type: str
) -> None:
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, (22_050, 2))
    soundfile.write("song0001", noise, 22_050, format=format_)
    assert inspect("song0001") == {
        "seconds": 1.0,
        "sample_rate": 22_050,
        "channels": 2,
        "media_type": media_type,
    }


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
@pytest.mark.parametrize(
    ("format_", "codec", "media_type"),
    [("mp4", "aac", "audio/mp4"), ("webm", "libopus", "audio/webm"), ("adts", "aac", "audio/aac")],
)
def test_what_ffmpeg_reads_has_a_media_type_too(format_: str, codec: str, media_type: str) -> None:
    tone = ("-f", "lavfi", "-i", "sine=sample_rate=48000", "-t", "1", "-c:a", codec)
    command = ["ffmpeg", "-v", "error", *tone, "-f", format_, "song0001"]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    assert inspect("song0001")["media_type"] == media_type


def silence(seconds: float, channels: int = 1, rate: int = 8000) -> None:
    """Write silence, which takes next to nothing as FLAC."""
    samples = np.zeros((int(seconds * rate), channels), np.int16)
    soundfile.write("bomb0001", samples, rate, format="FLAC")


def test_a_sound_that_is_too_long_is_refused() -> None:
    silence(61)
    with pytest.raises(TaskError) as caught:
        inspect("bomb0001")
    assert (caught.value.code, caught.value.message) == (
        "too_long",
        "bomb0001: lasts 61 s, longer than the 60 s allowed; send a part of it",
    )


def test_a_sound_that_is_too_large_once_decoded_is_refused() -> None:
    silence(10, channels=8)
    assert Path("bomb0001").stat().st_size < 20_000
    with pytest.raises(TaskError) as caught:
        inspect("bomb0001", max_bytes=2_559_999)
    assert (caught.value.code, caught.value.message) == (
        "too_long",
        "bomb0001: is larger, decoded, than the 2559999 bytes allowed; send a part of it, fewer "
        "channels or a lower rate",
    )
    assert inspect("bomb0001", max_bytes=2_560_000)["channels"] == 8


def test_damage_at_the_end_is_found() -> None:
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, 80_000)
    soundfile.write("song0001", noise, 8000, format="FLAC")
    data = bytearray(Path("song0001").read_bytes())
    data[-3000:-2000] = bytes(1000)
    Path("song0001").write_bytes(data)
    with pytest.raises(InputError, match=r"^song0001: the file is damaged after 8\.19 s of 10"):
        inspect("song0001")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_the_process_can_write_no_more_than_is_allowed(tmp_path: Path) -> None:
    code = """
from autovoice_core.server.jobs.inspection import _limit_resources
_limit_resources(1000)
try:
    with open("large", "wb") as file:
        file.write(bytes(2000))
except OSError as error:
    print(error.strerror)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ}
    )
    assert done.stdout == "File too large\n"
    assert Path("large").stat().st_size <= 1000
