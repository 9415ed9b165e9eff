"""Sound files whose bytes were changed are read, or refused in one line."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
from hypothesis import strategies as st

from autovoice_core import InputError
from autovoice_core.audio.reading import AudioFile

Fuzz = Callable[..., None]

RATE, FRAMES = 16_000, 4000
FORMATS = {"WAV": "PCM_16", "AIFF": "PCM_24", "FLAC": "PCM_16", "OGG": "VORBIS", "CAF": "FLOAT"}
MAX_BLOCKS = 1000


def whole(kind: str) -> bytes:
    sound = 0.3 * np.sin(np.arange(FRAMES) / 10).astype(np.float32)
    memory = BytesIO()
    soundfile.write(memory, sound, RATE, format=kind, subtype=FORMATS[kind])
    return memory.getvalue()


@st.composite
def damaged(draw: st.DrawFn, files: dict[str, bytes]) -> bytes:
    """Return a file of which some bytes are others, most of them in its header, or are missing."""
    content = bytearray(draw(st.sampled_from(sorted(files.values()))))
    places = st.one_of(st.integers(0, 99), st.integers(0, len(content) - 1))
    for place, value in draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=6)):
        content[place] = value
    end = draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))
    return bytes(content[:end])


def require_one_line(text: str, file: Path) -> None:
    assert text.startswith(f"{file}: ")
    assert "\n" not in text


def test_a_damaged_sound_file_is_read_or_refused_in_one_line(fuzz: Fuzz, tmp_path: Path) -> None:
    path = tmp_path / "sound"

    def check(content: bytes) -> None:
        path.write_bytes(content)
        try:
            file = AudioFile(path)
            for number, block in enumerate(file.blocks(RATE)):
                assert np.isfinite(block).all()
                if number > MAX_BLOCKS:  # silence that a few bytes stand for
                    break
        except InputError as error:
            require_one_line(str(error), path)

    fuzz(damaged({kind: whole(kind) for kind in FORMATS}), check, examples=150)
