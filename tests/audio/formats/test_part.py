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


def with_last_position(content: bytes, more: int) -> bytes:
    """Return an Ogg file whose last page states ``more`` samples than it holds."""
    page = content.rindex(b"OggS")
    header = bytearray(content[page:])
    position = int.from_bytes(header[6:14], "little") + more
    header[6:14] = position.to_bytes(8, "little")
    header[22:26] = bytes(4)
    remainder = 0
    for byte in header:
        remainder ^= byte << 24
        for _ in range(8):
            remainder = (remainder << 1) ^ (0x104C11DB7 if remainder & 0x80000000 else 0)
    header[22:26] = remainder.to_bytes(4, "little")
    return content[:page] + bytes(header)


def test_vorbis_that_states_a_little_more_than_it_holds_is_read_to_its_end(tmp_path: Path) -> None:
    song = tone(50_000)
    content = encode(tmp_path / "a.ogg", song, "OGG", "VORBIS")
    (tmp_path / "b.ogg").write_bytes(with_last_position(content, 5000))
    whole, longer = (AudioFile(tmp_path / name) for name in ("a.ogg", "b.ogg"))
    assert whole.frames == 50_000
    read = np.concatenate(list(longer.blocks(10_000)), axis=1)
    assert read.shape[1] == longer.frames < 55_000
    np.testing.assert_array_equal(read[:, :50_000], np.concatenate(list(whole.blocks(50_000)), 1))
