from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sound_files import KEEP_THE_REST, encode, load, refusal, tone

ID3 = b"ID3\x04\x00\x00\x00\x00\x08\x00" + bytes(1024)


def without_length(content: bytes) -> bytes:
    """Return a FLAC file whose header states no length, as that of a stream."""
    changed = bytearray(content)
    changed[21] &= 0xF0  # STREAMINFO's 36 bits of total samples
    changed[22:26] = bytes(4)
    return bytes(changed)


@pytest.mark.parametrize("frames", [1, 4096, 44_100, 600_001])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_a_stream_without_a_length_is_read_to_its_end(
    tmp_path: Path, frames: int, subtype: str
) -> None:
    content = encode(tmp_path / "a.flac", tone(frames), "FLAC", subtype)
    got = load(tmp_path / "stream.flac", without_length(content))
    np.testing.assert_array_equal(got, load(tmp_path / "a.flac", content))


@pytest.mark.parametrize("stated", [True, False])
def test_joined_files_are_read_one_after_the_other(tmp_path: Path, stated: bool) -> None:
    parts = [tone(50_000), tone(7_001, 330), tone(9_999, 220)]
    contents = [encode(tmp_path / "a.flac", part, "FLAC") for part in parts]
    if not stated:
        contents = [without_length(content) for content in contents]
    got = load(tmp_path / "joined.flac", ID3 + b"".join(contents))
    np.testing.assert_allclose(got, np.concatenate(parts), atol=2.0**-15)


def test_a_tag_after_a_stream_is_no_sound(tmp_path: Path) -> None:
    content = without_length(encode(tmp_path / "a.flac", tone(50_000), "FLAC"))
    assert len(load(tmp_path / "b.flac", content + b"TAG" + bytes(125))) == 50_000


@pytest.mark.parametrize("lost", [1, 100, 3000])
def test_a_stream_that_ends_within_a_frame_is_refused(tmp_path: Path, lost: int) -> None:
    content = without_length(encode(tmp_path / "a.flac", tone(50_000), "FLAC"))
    assert refusal(tmp_path / "cut.flac", content[:-lost]) == (
        f"the file is cut off (its last frame is not whole); {KEEP_THE_REST}"
    )


def stating(content: bytes, frames: int) -> bytes:
    """Return a FLAC file whose header states another length."""
    changed = bytearray(content)
    changed[21] = changed[21] & 0xF0 | frames >> 32
    changed[22:26] = (frames & 0xFFFFFFFF).to_bytes(4, "big")
    return bytes(changed)


@pytest.mark.parametrize("frames", [2**36 - 1, 10_000_000])
def test_a_header_that_states_far_more_than_there_is_is_refused(
    tmp_path: Path, frames: int
) -> None:
    content = encode(tmp_path / "a.flac", tone(50_000), "FLAC")
    assert refusal(tmp_path / "long.flac", stating(content, frames)) == (
        f"the file is cut off (50000 of {frames} samples are there); {KEEP_THE_REST}"
    )


def test_silence_is_read_though_a_byte_holds_much_of_it(tmp_path: Path) -> None:
    content = encode(tmp_path / "a.flac", 0 * tone(3_000_000), "FLAC")
    assert 3_000_000 / len(content) > 100
    assert len(load(tmp_path / "silence.flac", content)) == 3_000_000


def test_headers_of_frames_without_end_are_not_all_tried(tmp_path: Path) -> None:
    content = without_length(encode(tmp_path / "a.flac", tone(50_000), "FLAC"))
    at = content.index(b"\xff\xf8", 42)
    header = next(
        content[at : at + length] for length in range(6, 17) if not crc8(content[at : at + length])
    )
    assert refusal(tmp_path / "many.flac", content + header * 20_000) == (
        f"the file is cut off (its last frame is not whole); {KEEP_THE_REST}"
    )


def crc8(content: bytes) -> int:
    """Return the CRC of a frame's header, 0 if it ends in its own."""
    remainder = 0
    for byte in content:
        remainder ^= byte
        for _ in range(8):
            remainder = remainder << 1 ^ (0x107 if remainder & 0x80 else 0)
    return remainder
