from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_streams import frame, sound

from autovoice_core.server.stream import frames
from autovoice_core.server.stream.codes import CloseCode, StreamRefusal
from autovoice_core.server.stream.frames import AudioFrame, SampleFormat


@given(
    sample_format=st.sampled_from(["float32", "int16"]),
    channels=st.integers(1, 2),
    count=st.integers(1, 50),
    epoch=st.integers(0, 2**16 - 1),
    position=st.integers(0, 2**64 - 1),
)
def test_a_frame_comes_back_as_it_was(
    sample_format: SampleFormat, channels: int, count: int, epoch: int, position: int
) -> None:
    samples = sound(count, channels)
    if sample_format == "int16":
        samples = np.rint(samples * 32_768) / np.float32(32_768)
    data = frames.encode(AudioFrame(epoch, position, samples), sample_format)
    found = frames.decode(data, sample_format, channels)
    assert (found.epoch, found.position) == (epoch, position)
    assert found.samples.dtype == np.float32
    np.testing.assert_array_equal(found.samples, samples)


def test_the_header_has_16_bytes_and_samples_are_interleaved_little_endian() -> None:
    left_and_right = np.array([[0.5, 0.25], [-0.5, -1.0]], np.float32)
    data = frames.encode(AudioFrame(7, 9, left_and_right), "int16")
    assert data == bytes.fromhex("0101 0700 02000000 0900000000000000") + struct.pack(
        "<4h", 16_384, -16_384, 8_192, -32_768
    )
    assert frames.encode(AudioFrame(0, 0, left_and_right), "float32")[16:] == struct.pack(
        "<4f", 0.5, -0.5, 0.25, -1.0
    )


def test_int16_is_clipped_and_not_wrapped() -> None:
    loud = np.array([[1.0, 3.0, -3.0]], np.float32)
    data = frames.encode(AudioFrame(0, 0, loud), "int16")
    assert struct.unpack("<3h", data[16:]) == (32_767, 32_767, -32_768)


_GOOD = frame(sound(4), 100)


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        (
            b"RIFF",
            CloseCode.BAD_MESSAGE,
            "a frame has a header of 16 bytes, but this message has 4",
        ),
        (
            b"\x02" + _GOOD[1:],
            CloseCode.UNEXPECTED_MESSAGE,
            "frame: kind 2 is unknown; audio is 1",
        ),
        (
            frame(sound(4), 100, sample_format="int16"),
            CloseCode.BAD_MESSAGE,
            "frame: format 1 is not 2, the float32 that the hello promised",
        ),
        (
            _GOOD + b"\x00",
            CloseCode.BAD_MESSAGE,
            "frame: 4 frames of 1 channels in float32 make a message of 32 bytes, but it has 33",
        ),
        (
            _GOOD[:4] + struct.pack("<I", 2**32 - 1) + _GOOD[8:],
            CloseCode.BAD_MESSAGE,
            "frame: 4294967295 frames of 1 channels in float32 make a message of 17179869196 "
            "bytes, but it has 32",
        ),
        (
            _GOOD[:4] + struct.pack("<I", 0) + _GOOD[8:16],
            CloseCode.BAD_MESSAGE,
            "frame: it holds no samples after position 100; send at least 1",
        ),
    ],
)
def test_what_is_no_frame_of_this_stream_is_refused(
    data: bytes, code: CloseCode, message: str
) -> None:
    with pytest.raises(StreamRefusal) as refusal:
        frames.decode(data, "float32", 1)
    assert (refusal.value.code, refusal.value.message) == (code, message)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 16.5, -1e30])
def test_what_is_no_sound_is_refused(value: float) -> None:
    samples = sound(4)
    samples[0, 2] = value
    with pytest.raises(StreamRefusal) as refusal:
        frames.decode(frame(samples, 100), "float32", 1)
    assert refusal.value.code == CloseCode.BAD_MESSAGE
    assert refusal.value.message == (
        "frame: the audio at position 100 has samples that are no numbers or beyond ±16; "
        "full scale is ±1"
    )
