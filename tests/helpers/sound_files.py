"""Sound files in any format, made for tests of reading."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from autovoice_core import Audio, InputError
from autovoice_core.audio.reading import AudioFile

FFMPEG_REMEDY = "get an intact copy, or keep what is left of it: ffmpeg -i FILE rest.wav"


def noise(frames: int = 9001, channels: int = 1, seed: int = 0) -> np.ndarray:
    """Return ``(frames, channels)`` float32, as soundfile takes it."""
    rng = np.random.default_rng(seed)
    return (0.1 * rng.standard_normal((frames, channels))).astype(np.float32)


def write_noise(
    path: Path, format: str, subtype: str | None = None, rate: int = 44_100, **shape: int
) -> bytes:
    """Write noise to ``path``; return the bytes of the file."""
    soundfile.write(path, noise(**shape), rate, format=format, subtype=subtype)
    return path.read_bytes()


def read_frames(path: Path) -> int:
    """Return how many frames the blocks of a file have, checked against its length."""
    file = AudioFile(path)
    frames = sum(block.shape[1] for block in file.blocks(4000))
    assert frames == file.frames
    return frames


def refusal(path: Path) -> str:
    """Return the message with which a file is refused."""
    with pytest.raises(InputError) as caught:
        Audio.load(path)
    return str(caught.value)
