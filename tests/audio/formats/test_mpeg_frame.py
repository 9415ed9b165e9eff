from __future__ import annotations

import pytest

from autovoice_core.audio.formats.mpeg_frame import length_frame, parse_frame, stated_length


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("fffb9064", (3, 44_100, 2, 417, 1152)),
        ("fffb9264", (3, 44_100, 2, 418, 1152)),  # padded
        ("fffbe4c4", (3, 48_000, 1, 960, 1152)),
        ("fff380c4", (3, 22_050, 1, 208, 576)),
        ("ffe348c4", (3, 8_000, 1, 288, 576)),
        ("fffd8404", (2, 48_000, 2, 384, 1152)),
        ("ffff8804", (1, 32_000, 2, 384, 384)),
    ],
)
def test_a_header_gives_the_frame(header: str, expected: tuple[int, ...]) -> None:
    frame = parse_frame(bytes.fromhex(header))
    assert frame is not None
    found = (frame.layer, frame.sample_rate, frame.channels, frame.size, frame.samples)
    assert found == expected


@pytest.mark.parametrize(
    "header",
    ["00000000", "ffeb9064", "fff99064", "fffb0064", "fffbf064", "fffb9c64", "fffb90"],
    ids=["zeros", "version", "layer", "free format", "bit rate", "rate", "short"],
)
def test_what_is_no_header_gives_none(header: str) -> None:
    assert parse_frame(bytes.fromhex(header)) is None


@pytest.mark.parametrize("header", ["fffb9064", "fffbe4c4", "fff380c4", "ffe348c4", "fffa9064"])
def test_a_frame_made_to_state_a_length_states_it(header: str) -> None:
    frame = parse_frame(bytes.fromhex(header))
    assert frame is not None
    content = length_frame(frame, 123_456)
    made = parse_frame(content)
    assert made is not None
    assert made.size == len(content)
    assert made.belongs_to(frame)
    stated = stated_length(made, content)
    assert stated is not None
    assert stated.frames == 123_456


def test_the_length_of_a_vbri_frame_is_read() -> None:
    frame = parse_frame(bytes.fromhex("fffb9064"))
    assert frame is not None
    numbers = bytes(6) + (7000).to_bytes(4, "big") + (20).to_bytes(4, "big")
    stated = stated_length(frame, frame.header + bytes(32) + b"VBRI" + numbers)
    assert stated is not None
    assert (stated.frames, stated.size) == (20, 7000)
