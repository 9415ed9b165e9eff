from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sound_files import encode, tone

from autovoice_core import InputError
from autovoice_core.audio.formats.part import Part, exact_frames, open_part
from autovoice_core.audio.reading import AudioFile


def test_pieces_of_a_file_and_bytes_are_read_as_one_file(tmp_path: Path) -> None:
    song = tone(5000)
    content = encode(tmp_path / "a.wav", song, "WAV", "FLOAT")
    (tmp_path / "b").write_bytes(b"before" + content[:1000] + b"within" + content[2000:] + b"!")
    pieces = (range(6, 1006), content[1000:2000], range(1012, len(content) + 12 - 1000))
    with open_part(Part(tmp_path / "b", pieces)) as file:
        np.testing.assert_array_equal(file.read(dtype="float32"), song)
        file.seek(1234)
        np.testing.assert_array_equal(file.read(dtype="float32"), song[1234:])


def test_a_length_that_is_stated_holds(tmp_path: Path) -> None:
    content = encode(tmp_path / "a.wav", tone(5000), "WAV")
    part = Part(tmp_path / "a.wav", (range(len(content)),), frames=4990)
    with open_part(part) as file:
        assert exact_frames(part, file, "a") == 4990


def test_a_length_that_is_not_there_is_refused(tmp_path: Path) -> None:
    content = encode(tmp_path / "a.wav", tone(5000), "WAV")
    part = Part(tmp_path / "a.wav", (range(len(content)),), frames=5001)
    with open_part(part) as file, pytest.raises(InputError) as caught:
        exact_frames(part, file, "a")
    assert str(caught.value).startswith(
        "a: the file is cut off (5000 of 5001 samples are there); get an intact copy"
    )


def test_a_file_that_becomes_shorter_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    encode(path, tone(50_000), "WAV", "PCM_16")
    file = AudioFile(path)
    with path.open("rb+") as stream:
        stream.truncate(100_000)
    with pytest.raises(InputError) as caught:
        list(file.blocks(10_000))
    assert str(caught.value).startswith(f"{path}: the file is damaged after 0.57 s of 1.13 s ")
