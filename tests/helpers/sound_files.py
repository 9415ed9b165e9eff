"""Sound files in any format, made for tests of reading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from autovoice_core import Audio, InputError
from autovoice_core.audio.reading import AudioFile

RATE = 44_100
KEEP_THE_REST = "get an intact copy, or keep what is left of it: ffmpeg -i FILE rest.wav"
"""The end of the message about a file that is cut off or damaged."""


def tone(frames: int, hz: float = 440.0, channels: int = 2) -> NDArray[np.float32]:
    """Return ``(frames, channels)`` of a tone, each channel at another loudness."""
    time = np.arange(frames) / RATE
    loudness = 0.3 / np.arange(1, channels + 1)
    return (np.sin(2 * np.pi * hz * time)[:, np.newaxis] * loudness).astype(np.float32)


def encode(
    path: Path,
    samples: NDArray[np.float32],
    kind: str,
    subtype: str | None = None,
    rate: int = RATE,
    **options: object,
) -> bytes:
    """Write ``samples`` to ``path`` in libsndfile's format ``kind``; return the file's bytes."""
    channels = samples.shape[1]
    with soundfile.SoundFile(path, "w", rate, channels, subtype, format=kind, **options) as file:
        file.write(samples)
    return path.read_bytes()


def load(path: Path, content: bytes) -> NDArray[np.float32]:
    """Write ``content`` to ``path`` and return its sound, ``(frames, channels)``."""
    path.write_bytes(content)
    return Audio.load(path).numpy().T


def read_frames(path: Path) -> int:
    """Return how many frames the blocks of a file have, checked against its length."""
    file = AudioFile(path)
    frames = sum(block.shape[1] for block in file.blocks(4000))
    assert frames == file.frames
    return frames


def refusal(path: Path, content: bytes | None = None) -> str:
    """Return the message with which a file is refused, after its path."""
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        Audio.load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


def positions(content: bytes, of: bytes) -> Iterator[int]:
    """Yield where ``of`` occurs in ``content``."""
    at = content.find(of)
    while at >= 0:
        yield at
        at = content.find(of, at + 1)
