"""MPEG audio with what is no sound, of which a hostile file may have any amount."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from sound_files import KEEP_THE_REST, encode, load, refusal, tone

from autovoice_core import InputError
from autovoice_core.audio.formats import mp3 as mp3_reader
from autovoice_core.audio.formats.mp3 import after_tags, mp3_parts

FRAMES = 5000
TAG = b"TAG" + bytes(125)
ID3 = b"ID3\x04\x00\x00" + bytes([0, 0, 0, 10]) + bytes(10)
NOISE = np.random.default_rng(0).integers(0, 255, 200_000, np.uint8).tobytes()


class Counted(io.BytesIO):
    """Bytes as a file, which counts those that are read."""

    read_bytes = 0

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(size)
        self.read_bytes += len(content)
        return content


@pytest.fixture(scope="module")
def mp3(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return encode(tmp_path_factory.mktemp("mp3") / "sound.mp3", tone(FRAMES), "MP3")


def test_what_lies_behind_many_tags_is_looked_through_once(mp3: bytes) -> None:
    content = mp3 + (b"\0" + TAG) * 300 + NOISE
    file = Counted(content)
    with pytest.raises(InputError) as caught:
        mp3_parts(Path("a.mp3"), file, 0, len(content), "a.mp3")
    assert str(caught.value) == (
        "a.mp3: the file is damaged (more than 65536 bytes in a row hold no sound); "
        f"{KEEP_THE_REST}"
    )
    assert file.read_bytes < 10 * len(content)


@pytest.mark.parametrize("junk", [bytes(100_000), b"\0" + TAG, bytes(70_000) + TAG + bytes(9)])
def test_zeros_and_tags_between_joined_files_are_no_sound(
    tmp_path: Path, mp3: bytes, junk: bytes
) -> None:
    assert len(load(tmp_path / "a.mp3", mp3 + junk + mp3)) == 2 * FRAMES


def test_more_tags_than_any_file_has_are_refused(
    tmp_path: Path, mp3: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mp3_reader, "_MAX_TAGS", 5)
    assert len(load(tmp_path / "a.mp3", ID3 * 2 + mp3 + ID3 * 3)) == FRAMES
    assert refusal(tmp_path / "b.mp3", ID3 * 2 + mp3 + ID3 * 4) == (
        f"the file is damaged (it holds more than 5 tags); {KEEP_THE_REST}"
    )
    assert after_tags(io.BytesIO(ID3 * 9)) == 5 * len(ID3)
