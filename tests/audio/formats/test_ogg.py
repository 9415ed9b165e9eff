from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sound_files import KEEP_THE_REST, encode, load, positions, refusal, tone

FRAMES = 150_011


@pytest.mark.parametrize(("subtype", "rate"), [("VORBIS", 44_100), ("OPUS", 48_000)])
def test_chained_streams_are_read_one_after_the_other(
    tmp_path: Path, subtype: str, rate: int
) -> None:
    song, other = tone(FRAMES), tone(20_077, 330)
    parts = [
        encode(tmp_path / "a.ogg", samples, "OGG", subtype, rate) for samples in (song, other, song)
    ]
    got = load(tmp_path / "chain.ogg", b"".join(parts))
    assert len(got) == 2 * FRAMES + len(other)
    np.testing.assert_allclose(got[5000 : FRAMES - 5000], song[5000:-5000], atol=0.03)
    np.testing.assert_allclose(got[5000 - FRAMES : -5000], song[5000:-5000], atol=0.03)


def test_chained_streams_of_other_rates_are_refused(tmp_path: Path) -> None:
    parts = [encode(tmp_path / "a.ogg", tone(9000), "OGG", None, rate) for rate in (44_100, 48_000)]
    assert refusal(tmp_path / "chain.ogg", b"".join(parts)) == (
        "is joined from files of other rates or channels; give each of them"
    )


def test_a_stream_without_its_last_page_is_refused(tmp_path: Path) -> None:
    content = encode(tmp_path / "a.ogg", tone(FRAMES), "OGG")
    *_, last = positions(content, b"OggS")
    assert refusal(tmp_path / "cut.ogg", content[:last]) == (
        f"the file is cut off (the last page of its stream is missing); {KEEP_THE_REST}"
    )


def test_a_page_that_is_missing_within_is_refused(tmp_path: Path) -> None:
    content = encode(tmp_path / "a.ogg", tone(FRAMES), "OGG")
    *_, page, last = positions(content, b"OggS")
    assert refusal(tmp_path / "bad.ogg", content[:page] + content[last:]) == (
        f"the file is damaged (a piece of it is missing); {KEEP_THE_REST}"
    )


def test_a_page_whose_checksum_is_wrong_is_refused(tmp_path: Path) -> None:
    content = bytearray(encode(tmp_path / "a.ogg", tone(FRAMES), "OGG"))
    content[len(content) // 2] ^= 1
    assert refusal(tmp_path / "bad.ogg", bytes(content)) == (
        f"the file is damaged (the checksum of a piece is wrong); {KEEP_THE_REST}"
    )


def test_what_follows_the_last_page_is_no_sound(tmp_path: Path) -> None:
    content = encode(tmp_path / "a.ogg", tone(FRAMES), "OGG")
    assert len(load(tmp_path / "b.ogg", content + b"TAG" + bytes(125))) == FRAMES
