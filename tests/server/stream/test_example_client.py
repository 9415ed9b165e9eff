"""The example client refuses what it can't read before it connects."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file or directory"),
        (b"", "it is cut off; give a WAV file of 16 bit"),
        (b"no sound" * 10, "file does not start with RIFF id; give a WAV file of 16 bit"),
    ],
)
def test_the_example_ends_in_one_line_for_a_file_that_it_cannot_read(
    tmp_path: Path, content: bytes | None, why: str
) -> None:
    source = tmp_path / "song.wav"
    if content is not None:
        source.write_bytes(content)
    client = str(ROOT / "examples" / "stream_client.py")
    # Port 1 takes no connection: the file is read first.
    words = [sys.executable, client, "ws://127.0.0.1:1/v1/stream", "iona", str(source), "out.wav"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (1, f"{source}: {why}\n")
